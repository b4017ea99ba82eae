"""What the platform offers: types with their versions, sizes of containers. Facts of summer 2026."""

# Runtimes: versions that are supported, versions that still run but are on their way out.
RUNTIMES: dict[str, tuple[set[str], set[str]]] = {
    "composable": ({"26.05"}, set()),
    "dotnet": ({"8.0", "10.0"}, set()),
    "elixir": ({"1.20"}, {"1.18", "1.19"}),
    "golang": ({"1.25", "1.26"}, set()),
    "java": ({"17", "21", "25"}, set()),
    "nodejs": ({"24", "26"}, {"22"}),
    "php": ({"8.4", "8.5"}, {"8.2", "8.3"}),
    "python": ({"3.13", "3.14"}, {"3.10", "3.11", "3.12"}),
    "ruby": ({"3.3", "3.4", "4.0"}, set()),
    "rust": ({"1"}, set()),
}

SERVICES: dict[str, tuple[set[str], set[str]]] = {
    "chrome-headless": ({"113", "120"}, set()),
    "clickhouse": ({"25.8", "26.3"}, {"23.8", "24.3", "25.3"}),
    "elasticsearch": ({"7.10"}, set()),
    "elasticsearch-enterprise": ({"8.19", "9.3"}, set()),
    "gotenberg": ({"8"}, set()),
    "influxdb": ({"2.3", "2.7", "3"}, set()),
    "kafka": ({"3.6", "3.7", "4.1", "4.3"}, set()),
    "mariadb": ({"11.4", "11.8", "12.3"}, set()),
    "memcached": ({"1.6"}, set()),
    "mercure": ({"0"}, set()),
    "mongodb": ({"4.0"}, set()),
    "mongodb-enterprise": ({"7.0"}, set()),
    "mysql": ({"11.4", "11.8", "12.3"}, set()),
    "network-storage": ({"1.0"}, {"2.0"}),
    "opensearch": ({"3"}, {"2"}),
    "oracle-mysql": ({"8.4"}, set()),
    "postgresql": ({"14", "15", "16", "17", "18"}, set()),
    "rabbitmq": ({"4.3"}, set()),
    "redis": ({"7.2", "8.0", "8.8"}, {"6.2"}),
    "solr": ({"9.1", "9.2", "9.4", "9.6", "9.9", "10.0"}, set()),
    "valkey": ({"8.0", "8.1", "9.0"}, set()),
    "varnish": ({"6.0", "9.0"}, set()),
    "vault-kms": ({"1.12"}, set()),
}

CPU = (0.1, 0.25, 0.5, 1, 2, 4, 6, 8)

# Memory in MB for each of CPU.
PROFILES: dict[str, tuple[int, ...]] = {
    "HIGH_CPU": (64, 128, 224, 384, 704, 1216, 1728, 2240),
    "BALANCED": (352, 640, 1088, 1920, 2800, 4800, 6080, 7296),
    "HIGH_MEMORY": (448, 832, 1408, 2432, 4032, 6720, 9024, 11200),
    "HIGHER_MEMORY": (864, 1472, 2368, 3840, 6336, 10496, 14080, 17408),
}

FIRST_DEPLOY_CPU = 0.5


def default_profile(kind: str) -> str:
    """What an app gets that names no container_profile."""
    return "HIGH_MEMORY" if kind.split(":")[0] == "java" else "HIGH_CPU"


def memory_limit(profile: str, cpu: float = FIRST_DEPLOY_CPU) -> int:
    """Bytes of a container."""
    return PROFILES[profile][CPU.index(cpu)] * 1024 * 1024
