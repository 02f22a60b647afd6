"""Hands on a keyboard: what a person does at a page who has no mouse. Nothing is pointed at, filled in or gone to but
by keys; what Tab does not come to cannot be used."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

LONGEST_WAY = 250  # presses of Tab
MANY_CHOICES = 60
HERE = "wanted => document.activeElement === wanted"
TAB = {"type": "rawKeyDown", "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
AMONG = "wanted => document.activeElement.type === 'radio' && document.activeElement.name === wanted.name"


class Hands:
    """Everything is reached from where the focus is."""

    def __init__(self, page: "Page") -> None:
        self.page = page
        page.on("filechooser", lambda _: None)  # caught from the first on; else the first is the browser's own
        self._keys = page.context.new_cdp_session(page)  # half as many messages for each press of Tab

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def reach(self, target: "Locator", *, what: str = HERE) -> None:
        """Tab until the focus is there. Fails where it never comes."""
        wanted = target.element_handle()
        for _ in range(LONGEST_WAY):
            if self.page.evaluate(what, wanted):
                return
            self._keys.send("Input.dispatchKeyEvent", TAB)
        raise AssertionError(f"Tab never comes to {target}")

    def open(self, target: "Locator") -> None:
        """What folds out or answers on the page: no other page comes."""
        self.reach(target)
        self.press("Enter")

    def follow(self, target: "Locator") -> None:
        """A link or a button, and the page that comes then."""
        self.reach(target)
        self.go("Enter")

    def go(self, *keys: str) -> None:
        """Keys that lead to another page."""
        with self.page.expect_navigation(wait_until="load"):
            self.press(*keys)

    def write(self, target: "Locator", words: str) -> None:
        self.reach(target)
        self.press("Control+a")
        self.page.keyboard.insert_text(words)

    def tick(self, target: "Locator") -> None:
        """A box, or one choice of several."""
        if target.get_attribute("type") == "radio":
            self.reach(target, what=AMONG)
            self.press("Space")
            for _ in range(MANY_CHOICES):
                if target.is_checked():
                    return
                self.press("ArrowDown")
        else:
            self.reach(target)
            self.press("Space")
        assert target.is_checked()

    def choose(self, target: "Locator", value: str) -> None:
        """The choice with this value in a list."""
        self.reach(target)
        self.press("Home")
        for _ in range(MANY_CHOICES):
            if target.input_value() == value:
                return
            self.press("ArrowDown")
        raise AssertionError(f"no key chooses {value!r} in {target}")

    def bring(self, target: "Locator", file: Any) -> None:
        """A file, by the chooser that the keyboard opens."""
        self.reach(target)
        with self.page.expect_file_chooser() as chooser:
            self.press("Enter")
        chooser.value.set_files(file)

    def take(self, target: "Locator") -> Any:
        """A file that comes down."""
        self.reach(target)
        with self.page.expect_download() as download:
            self.press("Enter")
        return download.value

    def sign_in(self, name: str, password: str, *, heading: str) -> None:
        """From the sign-in page, the only one that is gone to by its address."""
        self.page.goto("/signin")
        self.write(self.page.get_by_label("用户名"), name)
        self.write(self.page.get_by_label("密码"), password)
        self.go("Enter")
        self.page.get_by_role("heading", name=heading, level=1).wait_for()
