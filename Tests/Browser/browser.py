"""A headless Chromium that waits on conditions, and notes every breach of the content policy and every error."""
import shutil
import time

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

PATIENCE = 20
CHROMIUMS = ["chromium", "chromium-browser", "google-chrome"]

# Runs before any script of a page; the content policy does not hold for it.
WATCH = """
window.violations = [];
addEventListener('securitypolicyviolation', (event) =>
  violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
window.scriptErrors = [];
addEventListener('error', (event) => scriptErrors.push(String(event.message)));
addEventListener('unhandledrejection', (event) => scriptErrors.push(String(event.reason)));
"""


class Browser:
    """One window, which keeps between two `open` what a tab keeps."""

    def __init__(self, screenshots):
        options = Options()
        binary = next(filter(None, map(shutil.which, CHROMIUMS)), None)
        driver = shutil.which("chromedriver")
        if not binary or not driver:
            raise SystemExit("chromium or chromedriver is missing: scripts/dependencies test installs them")
        options.binary_location = binary
        # No sandbox: containers rarely allow one, and only these pages are opened.
        for each in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]:
            options.add_argument(each)
        self.driver = webdriver.Chrome(options=options, service=Service(driver))
        self.driver.set_script_timeout(PATIENCE)
        self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
        self.screenshots = screenshots
        screenshots.mkdir(parents=True, exist_ok=True)
        self.size(1280, 860)

    def close(self):
        self.driver.quit()

    # Where it is

    def size(self, width, height, phone=False):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone})

    def scheme(self, name):
        """Light or dark, as the system would prefer it."""
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": name}]})

    def open(self, address):
        """A fresh load, also when only the hash differs."""
        self.driver.get("about:blank")
        self.driver.get(address)
        self.wait("the page has started", "return document.readyState === 'complete'")

    def fresh_tab(self, address):
        """Without what earlier pages of this origin kept."""
        self.open(address)
        self.run("sessionStorage.clear(); localStorage.clear()")
        self.open(address)

    def reload(self):
        self.driver.refresh()

    def screenshot(self, name):
        self.driver.save_screenshot(str(self.screenshots / f"{name}.png"))

    # What it shows

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def wait(self, what, script, *arguments, seconds=PATIENCE):
        """What `script` returns, as soon as it is true."""
        deadline = time.monotonic() + seconds
        last = None
        while time.monotonic() < deadline:
            try:
                last = self.run(script, *arguments)
                if last:
                    return last
            except StaleElementReferenceException:
                pass
            time.sleep(0.03)  # between two looks
        shown = self.run("return document.querySelector('.view:not([hidden])')?.innerText ?? document.body.innerText")
        raise AssertionError(f"waited {seconds} s in vain: {what} (last {last!r}). On the page:\n{shown[:1500]}")

    def element(self, selector, seconds=PATIENCE):
        """The first that can be seen."""
        return self.wait(
            f"{selector} can be seen",
            "return [...document.querySelectorAll(arguments[0])].find(e => e.checkVisibility()) ?? null", selector,
            seconds=seconds)

    def elements(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def texts(self, selector):
        return self.run("return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)", selector)

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0])?.textContent ?? null", selector)

    def click(self, selector):
        self.element(selector).click()

    def fill(self, selector, text):
        field = self.element(selector)
        field.clear()
        field.send_keys(text)

    def keys(self, *keys):
        """To whatever has the focus."""
        self.driver.switch_to.active_element.send_keys(*keys)

    def focused(self, expression="e.outerHTML.slice(0, 120)"):
        return self.run(f"const e = document.activeElement; return {expression}")

    def give_files(self, selector, *paths):
        self.driver.find_element(By.CSS_SELECTOR, selector).send_keys("\n".join(map(str, paths)))

    # What went wrong

    def breaches(self):
        return self.run("return window.violations ?? []")

    def script_errors(self):
        return self.run("return window.scriptErrors ?? []")

    def overflow(self):
        """Pixels that the page is wider than its window."""
        return self.run("return Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - innerWidth")

    def contrast(self, selector):
        """The lowest ratio between text and what is behind it, of the elements that can be seen."""
        return self.run(CONTRAST, selector)


CONTRAST = """
const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
const rgba = (colour) => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
};
const luminance = ([r, g, b]) => [r, g, b].map((v) => v / 255)
  .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const behind = (element) => {
  for (let each = element; each; each = each.parentElement) {
    const colour = rgba(getComputedStyle(each).backgroundColor);
    if (colour[3] === 255) return colour;
  }
  return [255, 255, 255, 255];
};
let lowest = 99;
for (const element of document.querySelectorAll(arguments[0])) {
  if (!element.checkVisibility() || !element.textContent.trim()) continue;
  const [a, b] = [luminance(rgba(getComputedStyle(element).color)), luminance(behind(element))].sort((x, y) => y - x);
  lowest = Math.min(lowest, (a + 0.05) / (b + 0.05));
}
return lowest;
"""

__all__ = ["Browser", "Keys"]
