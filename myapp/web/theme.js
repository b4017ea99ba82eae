// Sets the chosen colours before the first paint: a classic script in the head, since modules run later.
(() => {
  const KEY = "theme";
  const stored = () => {
    try { return localStorage.getItem(KEY); } catch { return null; }
  };
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    document.documentElement.dataset.theme = stored() ?? (system.matches ? "dark" : "light");
  };
  apply();
  system.addEventListener("change", apply);
  addEventListener("DOMContentLoaded", () => {
    document.getElementById("theme-button")?.addEventListener("click", () => {
      const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
      // The system's own choice is followed again as soon as it is what was asked for.
      try {
        if (next === (system.matches ? "dark" : "light")) localStorage.removeItem(KEY);
        else localStorage.setItem(KEY, next);
      } catch { /* no storage: for this page only */ }
      document.documentElement.dataset.theme = next;
    });
  });
})();
