"""The supervisor's world: all instances of an environment, its network, its router, its tunnels."""
import asyncio
import os
import time
from pathlib import Path
from typing import Any, Awaitable, Callable

from . import nginx, variables
from .container import Container, PlainContainer, RootContainer, free_port
from .instance import Instance, ended_with, last_line, last_lines
from .network import Switch
from .processes import boot, in_session, start_of
from .project import App, apps_of
from .router import DeployFailure, Router, take_port
from .state import State, label_of
from .tunnel import Tunnel

HOOK_SECONDS = 3600

Say = Callable[[str], Awaitable[None]]


class Stack:
    def __init__(self, state: State):
        self.state = state
        self.about = state.environment()
        self.kind = self.about["driver"]
        self.instances: dict[str, Instance] = {}
        self.apps: dict[str, App] = {}
        self.plan: dict[str, Any] = {}
        self.switch: Switch | None = None
        self.router = Router(state / "router", take_port(self.about.get("wanted_port"), self.about.get("port")))
        self.router.on_spawn = self.remember
        self.about["port"] = self.router.port
        state.write("environment.json", self.about)
        self.internal: dict[str, int] = {}
        self.tunnels: list[Tunnel] = []
        self.number = 0
        self.containers: list[Container] = []
        self.busy = asyncio.Lock()
        self.deploying: asyncio.Task[Any] | None = None

    # ---- What is deployed

    @property
    def host(self) -> str:
        return f"{label_of(self.about['branch'])}.localhost"

    @property
    def routes(self) -> dict[str, Any]:
        return self.plan.get("routes") or {}

    def note(self, line: str) -> None:
        print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)

    def platform_routes(self) -> dict[str, Any]:
        """PLATFORM_ROUTES: the addresses by which this environment is reached."""
        result: dict[str, Any] = {}
        for url, route in self.routes.items():
            entry: dict[str, Any] = {
                "primary": False, "id": route.get("id"), "production_url": None, "attributes": route.get("attributes") or {},
                "type": route.get("type", "upstream"), "original_url": url, "restrict_robots": False}
            if entry["type"] == "redirect":
                entry["to"] = nginx.local_url(route["to"], self.host, self.router.port) if "{" in route["to"] else route["to"]
            else:
                entry["upstream"] = str(route.get("upstream", "")).split(":")[0]
            result[nginx.local_url(url, self.host, self.router.port)] = entry
        for entry in result.values():
            if entry["type"] == "upstream":
                entry["primary"] = True
                break
        return result

    def relationships(self, app: App) -> dict[str, list[dict[str, Any]]]:
        """What the platform tells an app of those it may reach."""
        result = {}
        for name, (service, endpoint) in app.relationships.items():
            target = self.apps.get(service)
            instance = self.instances.get(service)
            if target is None or instance is None:
                continue
            namespaces = self.kind == "root"
            address = instance.container.address
            result[name] = [{
                "host": f"{name}.internal" if namespaces else "127.0.0.1",
                "hostname": f"{self.about['id']}.{service}.service._.local.platformsh.site",
                "cluster": f"{self.about['project']}-{self.about['environment']}", "service": service, "rel": endpoint,
                "scheme": "http", "port": 80 if namespaces else self.internal[service], "username": None, "password": None,
                "path": None, "fragment": None, "query": {}, "public": False, "host_mapped": False, "epoch": 0,
                "type": target.type, "ip": address, "instance_ips": [address]}]
        return result

    # ---- Instances

    async def make(self, app: App, say: Say) -> Instance:
        """A container with everything in it started, not yet routed."""
        self.number += 1
        kind = RootContainer if self.kind == "root" else PlainContainer
        built = self.plan["trees"][app.name]
        container = kind(self.state, app, self.number, Path(built["tree"]))
        if app.name not in self.internal:
            self.internal[app.name] = free_port()
        container.on_spawn = self.remember
        self.containers.append(container)
        instance = Instance(app, container, {}, self.note)
        try:
            await container.start(self.switch)
            instance.environment = variables.runtime(
                self.state, app, container.directory, built["tree_id"], container.upstream, self.relationships(app),
                self.platform_routes())
            container.name_hosts(self.hosts(app))
            await instance.start()
            for note in container.notes:
                await say(f"  {app.name}: note: {note}")
        except BaseException:
            await instance.stop()
            raise
        return instance

    def hosts(self, app: App) -> dict[str, str]:
        return {
            f"{name}.internal": self.instances[service].container.address
            for name, (service, _) in app.relationships.items() if service in self.instances}

    def tell_hosts(self) -> None:
        for instance in self.instances.values():
            instance.container.name_hosts(self.hosts(instance.app))

    def remember(self) -> None:
        """What the next command must clean up if this process is killed. In namespaces everything ends by itself."""
        sessions: dict[int, int | None] = {}
        if self.kind == "plain":
            self.containers = [container for container in self.containers if container.run.exists()]
            for container in self.containers:
                sessions |= {session: start for session, start in container.sessions.items() if in_session(session)}
            if self.router.process is not None:
                sessions[self.router.process.pid] = start_of(self.router.process.pid)
        self.state.write("running.json", {"supervisor": os.getpid(), "boot": boot(), "sessions": sessions})

    # ---- Deployment

    async def deploy(self, plan: dict[str, Any], rolling: bool, say: Say) -> None:
        async with self.busy:
            self.deploying = asyncio.current_task()
            try:
                await self.carry_out(plan, rolling, say)
            finally:
                self.deploying = None

    async def carry_out(self, plan: dict[str, Any], rolling: bool, say: Say) -> None:
        self.plan = plan
        self.apps = apps_of(plan["values"])
        self.about = self.state.environment()
        self.remember()
        if self.kind == "root" and self.switch is None:
            self.switch = Switch()
            await self.switch.start()
        if rolling and self.instances:
            await self.roll(say)
        else:
            await self.replace(say)

    async def replace(self, say: Say) -> None:
        """The platform's usual way: stop everything, start everything."""
        await self.route(is_open=False)
        await self.stop_instances(say)
        failures: dict[str, str] = {}
        for name, app in self.apps.items():
            needed = [target for target, _ in app.relationships.values() if target in failures]
            if needed:
                failures[name] = f"{name} was not started, since {needed[0]} is not ready"
                await say(f"  {failures[name]}")
                continue
            begun = time.monotonic()
            instance = self.instances[name] = await self.make(app, say)
            trouble = await instance.gate()
            took = time.monotonic() - begun
            if trouble:
                failures[name] = f"{name} stays off the router: {trouble}"
                await say(f"  {name}: {trouble} ({took:.1f} s)")
                await say("\n".join(f"    {line}" for line in last_lines(instance.log("app"), 5)))
            else:
                await say(f"  {name}: started, {self.where(instance)} ({took:.1f} s)")
            if self.kind == "plain":
                # It is the router that stands for chroma.internal there.
                await self.route(is_open=False)
        self.tell_hosts()
        if self.plan["changed"]:
            await self.hooks("deploy", say)
        await self.route()
        await self.hooks("post_deploy", say)
        self.finish(failures)

    async def roll(self, say: Say) -> None:
        """New beside old on the same mounts; traffic moves when the new one's post_start has passed."""
        for name in [name for name in self.instances if name not in self.apps]:
            await say(f"  {name}: {await self.instances.pop(name).stop()}")
        for name, app in self.apps.items():
            begun = time.monotonic()
            old = self.instances.get(name)
            new = await self.make(app, say)
            trouble = await new.gate()
            if trouble:
                self.note(f"{name}: {trouble}")
                await new.stop()
                raise DeployFailure(
                    f"{name}: the new container's {trouble}. The old one goes on. Log: {self.state.log(name)}")
            self.instances[name] = new
            self.tell_hosts()
            await self.route()
            await say(f"  {name}: new container beside the old, traffic moved, {self.where(new)} ({time.monotonic() - begun:.1f} s)")
            if old is not None:
                await say(f"  {name}: old container: {await old.stop()}")
        if self.plan["changed"]:
            await self.hooks("deploy", say)
        await self.hooks("post_deploy", say)
        self.finish({})

    def where(self, instance: Instance) -> str:
        container = instance.container
        return f"PORT={container.port}" + (f" at {container.address}" if container.kind == "root" else "")

    def finish(self, failures: dict[str, str]) -> None:
        self.remember()
        self.state.write("deployed.json", {**self.plan, "changed": False, "failed": bool(failures)})
        if failures:
            raise DeployFailure("; ".join(failures.values()) + ". See `upsun-local logs`; then `upsun-local up` tries again")

    async def hooks(self, kind: str, say: Say) -> None:
        """Their failures are told and stop nothing, as on the platform."""
        for instance in self.instances.values():
            command = instance.app.hook(kind)
            if not command:
                continue
            begun = time.monotonic()
            status = await instance.run(command, kind, HOOK_SECONDS)
            await say(f"  {instance.name}: {kind} hook: {ended_with(status)} ({time.monotonic() - begun:.1f} s)")
            if status != 0:
                await say(f"  {instance.name}: {last_line(instance.log(kind))}")

    async def stop_instances(self, say: Say) -> None:
        for name in reversed(list(self.instances)):
            instance = self.instances.pop(name)
            await say(f"  {name}: {await instance.stop()}")

    async def route(self, is_open: bool = True) -> None:
        """Tells the router where everything is now."""
        upstreams = {name: instance.container.web_address if instance.ready else None for name, instance in self.instances.items()}
        internal = self.internal if self.kind == "plain" else {}
        await self.router.serve(
            lambda generation: nginx.for_router(
                self.routes, self.host, self.router.port, upstreams, internal, str(self.router.folder), generation, is_open),
            self.switch)

    # ---- Verbs on what runs

    def find(self, name: str) -> Instance:
        if name not in self.instances:
            raise DeployFailure(f"there is no app '{name}' here; apps: {', '.join(self.instances) or 'none runs'}")
        return self.instances[name]

    async def open_tunnels(self, app: str, relationship: str | None, port: int) -> list[dict[str, Any]]:
        instance = self.find(app)
        found = self.relationships(instance.app)
        if not found:
            raise DeployFailure(f"No relationships found: {app} has none. Choose the app that has them: -A myapp")
        if relationship is not None and relationship not in found:
            raise DeployFailure(f"{app} has no relationship '{relationship}'; it has: {', '.join(found)}")
        for name in [relationship] if relationship else found:
            known = next((tunnel for tunnel in self.tunnels if (tunnel.app, tunnel.relationship) == (app, name)), None)
            if known is not None and port in (0, known.port):
                continue
            if known is not None:
                await known.close()
                self.tunnels.remove(known)
            tunnel = Tunnel(self, app, name)
            await tunnel.open(port)
            self.tunnels.append(tunnel)
        return self.tunnel_facts(app)

    def tunnel_facts(self, app: str | None) -> list[dict[str, Any]]:
        facts = []
        for tunnel in self.tunnels:
            if app not in (None, tunnel.app) or tunnel.app not in self.instances:
                continue
            endpoint = dict(self.relationships(self.instances[tunnel.app].app)[tunnel.relationship][0])
            endpoint.update(host="127.0.0.1", ip="127.0.0.1", port=tunnel.port, url=f"http://127.0.0.1:{tunnel.port}")
            facts.append({"app": tunnel.app, "relationship": tunnel.relationship, "port": tunnel.port, "endpoint": endpoint})
        return facts

    async def close_tunnels(self, app: str | None) -> int:
        chosen = [tunnel for tunnel in self.tunnels if app in (None, tunnel.app)]
        for tunnel in chosen:
            await tunnel.close()
            self.tunnels.remove(tunnel)
        return len(chosen)

    def freeze(self) -> None:
        """Stops everything of the apps that could write."""
        for instance in self.instances.values():
            instance.freeze()

    async def thaw(self) -> None:
        """nsenter stops itself when what it waits for is stopped, perhaps a moment later."""
        for _ in range(10):
            for instance in self.instances.values():
                instance.thaw()
            await asyncio.sleep(0.02)

    def describe(self) -> dict[str, Any]:
        port = self.router.port
        return {
            "supervisor": os.getpid(), "driver": self.kind, "port": port, "host": self.host,
            "urls": [nginx.local_url(url, self.host, port) for url in self.routes],
            "routes": {nginx.local_url(url, self.host, port): nginx.target(route, self.host, port) for url, route in self.routes.items()},
            "apps": [instance.describe() for instance in self.instances.values()],
            "tunnels": self.tunnel_facts(None)}

    async def stop(self, say: Say) -> None:
        """Ends everything, a deployment that goes on as well."""
        if self.deploying is not None:
            self.deploying.cancel()
        async with self.busy:
            await self.close_tunnels(None)
            await self.stop_instances(say)
            await self.router.stop()
            if self.switch is not None:
                await self.switch.stop()
            (self.state / "running.json").unlink(missing_ok=True)
