"""Who may come in, and what each may send: read from the console's own list of messages."""

import contextlib
import stat
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from showctl.console.access import Access
from showctl.console.app import make_app
from showctl.console.audience import Audience
from showctl.console.company import Company
from showctl.console.messages import MESSAGES, Message
from showctl.console.work import Work
from showctl.engine.events import Panic
from showctl.runtime.people import ROLES, NotTaken, People, Role
from showctl.runtime.sessions import LIFETIME, LOCK, LOCKED_AFTER, Sessions, Throttle
from tests.console.stage import LittleStage

HERE, TABLET, BOOTH = "127.0.0.1", "10.0.0.7", "10.0.0.8"
PINS: dict[Role, str] = {"viewer": "v-4711", "operator": "o-4711", "technician": "t-4711", "programmer": "p-4711"}
JSON = {"content-type": "application/json"}


class House:
    """A console over a small show, at a clock that stands until it is told."""

    def __init__(self, state: Path, *, pins: bool = True) -> None:
        self.now = 1_800_000_000.0
        if pins:
            for role, pin in PINS.items():
                People(state).add(role.title(), role, pin)
        self.stage = LittleStage()
        self.access = Access(state, lambda: self.now)
        self.company = Company(lambda: self.stage.desk.main_list)
        audience = Audience(self.stage.desk, self.company)
        self.app = make_app(audience, self.access, Work(audience, None), ["booth"])

    def page(self, address: str) -> TestClient:
        """A browser at ``address``."""
        return TestClient(self.app, base_url="http://booth:8080", client=(address, 50_000), headers=JSON)

    def as_(self, role: Role, address: str = TABLET) -> TestClient:
        """A browser in which a person of this role has logged in."""
        page = self.page(address)
        answer = page.post("/api/login", json={"pin": PINS[role]})
        assert answer.status_code == 200, answer.text
        assert answer.json() == {"person": role.title(), "role": role, "local": address == HERE, "pin": True}
        return page

    def send(self, page: TestClient, message: Message) -> tuple[int, str]:
        """The status and the error that ``message`` gets; nothing of what it takes is said."""
        if message.way == "ws":
            answer = page.post("/api/ask", json={"request": message.name})
            return answer.status_code, answer.json().get("error", "")
        method, path = message.way.split()
        answer = page.get(path) if method == "GET" else page.post(path, json={})
        return answer.status_code, answer.json().get("error", "") if answer.headers["content-type"] == "application/json" else ""


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


OF_PAGES = ("Here", "Own", "Watch")
ANYBODY = ("me", "login", "logout")
REQUESTS = [message for message in MESSAGES if message.name not in (*OF_PAGES, *ANYBODY) and message.way.startswith("ws")]
ANSWERED = [message for message in MESSAGES if message.name not in ANYBODY and not message.way.startswith("ws")]


@pytest.mark.parametrize("role", ROLES)
def test_every_role_is_refused_every_request_it_may_not_send_and_no_other(house: House, role: Role) -> None:
    page = house.as_(role)
    with page.websocket_connect("ws://booth:8080/ws") as socket:
        assert socket.receive_json()["me"]["role"] == role
        for number, message in enumerate(m for m in REQUESTS if ROLES.index(m.role) > ROLES.index(role)):
            socket.send_json({"id": number, "request": message.name, **needed(message)})
            answer = heard(socket, number)
            assert answer["error"].startswith(f"{message.name} is for "), answer
            status, error = posted(page, message)
            assert (status, error) == (403, answer["error"])
        assert house.stage.asked == [], "nothing that was refused has reached the show"
    for message in REQUESTS:
        if ROLES.index(message.role) <= ROLES.index(role):
            status, error = posted(page, message)
            assert status == 200, (message.name, error)


@pytest.mark.parametrize("role", ROLES)
def test_every_role_is_refused_every_answer_it_may_not_have(house: House, role: Role) -> None:
    page = house.as_(role)
    for message in ANSWERED:
        status, error = house.send(page, message)
        if ROLES.index(message.role) > ROLES.index(role):
            assert status in (403, 404, 405), (message.name, status)
            assert status != 403 or error.startswith(f"{message.name} is for ")
        else:
            assert status not in (401, 403), (message.name, error)


def test_from_elsewhere_nobody_sees_anything_without_a_pin_but_where_to_give_one(house: House) -> None:
    page = house.page(TABLET)
    assert page.get("/").status_code == 200
    assert page.get("/api/me").json() == {"person": "", "role": None, "local": False, "pin": True}
    for message in ANSWERED:
        status, _ = house.send(page, message)
        assert status in (401, 404, 405), message.name
    for message in REQUESTS:
        assert posted(page, message) == (401, "log in first")
    with pytest.raises(WebSocketDisconnect), page.websocket_connect("ws://booth:8080/ws"):
        pass
    assert house.stage.asked == []


def test_the_screen_at_the_machine_looks_on_and_has_panic_without_a_login(house: House) -> None:
    page = house.page(HERE)
    assert page.get("/api/me").json() == {"person": "", "role": "viewer", "local": True, "pin": True}
    assert page.post("/api/ask", json={"request": "Go"}).status_code == 403
    assert page.post("/api/ask", json={"request": "Panic"}).json()["done"]
    assert [type(event) for event in house.stage.asked] == [Panic]


def test_a_crews_link_looks_on_and_has_no_panic_even_here(house: House, tmp_path: Path) -> None:
    token = People(tmp_path).link("crew")
    for address in (HERE, TABLET):
        page = house.page(address)
        assert page.get(f"/crew/{token}", follow_redirects=False).headers["location"] == "/"
        assert page.get("/api/me").json()["role"] == "viewer"
        assert page.get("/api/view").json()["show"] == "Small"
        assert page.post("/api/ask", json={"request": "Panic"}).status_code == 403
    assert house.page(TABLET).get("/crew/of-nobody").status_code == 403


def test_where_nobody_has_a_pin_this_machine_may_everything_and_no_other_may_anything(tmp_path: Path) -> None:
    house = House(tmp_path, pins=False)
    assert house.page(HERE).post("/api/ask", json={"request": "Go"}).json()["done"]
    assert house.page(TABLET).post("/api/ask", json={"request": "Go"}).status_code == 401
    answer = house.page(TABLET).post("/api/login", json={"pin": "0000"})
    assert "showctl people add" in answer.json()["error"]


def test_what_a_person_asks_is_journaled_under_their_own_name(house: House) -> None:
    page = house.as_("operator")
    page.post("/api/ask", json={"request": "Go", "origin": {"person": "somebody else"}})
    origin = house.stage.asked[0].origin  # type: ignore[union-attr]
    assert (origin.person, origin.address) == ("Operator", TABLET)


def test_wrong_pins_are_slowed_then_locked_out_and_the_booth_is_not(house: House) -> None:
    page = house.page(TABLET)
    said = []
    for _ in range(LOCKED_AFTER):
        answer = page.post("/api/login", json={"pin": "9999"})
        said.append(answer.status_code)
        if answer.status_code == 429:
            assert int(answer.headers["retry-after"]) >= 1
            house.now += int(answer.headers["retry-after"])
            said.append(page.post("/api/login", json={"pin": "9999"}).status_code)
    assert said[:5] == [401, 401, 401, 429, 401]
    house.now += 61
    while page.post("/api/login", json={"pin": "9999"}).status_code == 401:
        house.now += 61
    answer = page.post("/api/login", json={"pin": PINS["operator"]})
    assert (answer.status_code, answer.json()["error"][:21]) == (429, "too many wrong PINs fr"[:21]), "the right one, too"
    assert house.as_("operator", BOOTH).get("/api/me").json()["role"] == "operator"
    house.now += LOCK
    assert house.as_("operator").get("/api/me").json()["role"] == "operator"


def test_a_session_is_over_after_twelve_hours_without_use_and_at_once_when_its_person_is_removed(
    house: House, tmp_path: Path
) -> None:
    page, other = house.as_("operator"), house.as_("technician", BOOTH)
    house.now += LIFETIME - 1
    assert page.get("/api/me").json()["role"] == "operator", "and this was use"
    house.now += LIFETIME - 1
    assert page.get("/api/me").json()["role"] == "operator"
    assert other.get("/api/me").json()["role"] is None
    assert People(tmp_path).remove("Operator")
    assert page.post("/api/ask", json={"request": "Go"}).status_code == 401


def test_a_page_whose_session_is_over_may_ask_nothing_more_and_is_closed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("showctl.console.sockets.LOOKS_EVERY", 0.1)
    page = house.as_("operator")
    with page.websocket_connect("ws://booth:8080/ws") as socket:
        assert socket.receive_json()["me"]["role"] == "operator"
        socket.send_json({"id": 1, "request": "StandbyMove", "list": "main", "by": 1})
        assert socket.receive_json()["answer"]["done"]
        house.now += LIFETIME + 1
        socket.send_json({"id": 2, "request": "Go"})
        heard: list[dict[str, Any]] = []
        with contextlib.suppress(WebSocketDisconnect):
            while len(heard) < 100:
                heard.append(socket.receive_json())
    assert len(heard) < 100, "it is closed"
    assert all("log in" in said["error"] for said in heard if said.get("id") == 2)
    assert not house.stage.started(), "nothing was started"


def test_who_logs_out_is_out_and_the_cookie_is_kept_from_scripts(house: House) -> None:
    page = house.page(TABLET)
    cookie = page.post("/api/login", json={"pin": PINS["operator"]}).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    before = dict(page.cookies)
    assert page.post("/api/logout", json={}).json()["role"] is None
    page.cookies.update(before)
    assert page.get("/api/me").json()["role"] is None, "the token itself is worth nothing now"


def test_sessions_outlive_the_engine_and_no_file_tells_a_pin_or_a_token(house: House, tmp_path: Path) -> None:
    page = house.as_("operator")
    token = page.cookies["showctl"]
    again = Sessions(tmp_path, People(tmp_path))
    person = again.of(token, house.now + 5)
    assert person is not None
    assert person.name == "Operator"
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        text = path.read_text()
        assert token not in text
        assert not any(pin in text for pin in PINS.values())


def test_a_file_of_people_that_cannot_be_understood_lets_nobody_in(house: House, tmp_path: Path) -> None:
    (tmp_path / "people.json").write_text("{")
    assert house.page(TABLET).get("/api/view").status_code == 401
    assert house.page(HERE).post("/api/ask", json={"request": "Go"}).status_code == 403
    assert house.page(HERE).post("/api/ask", json={"request": "Panic"}).json()["done"]


@pytest.mark.parametrize("pin", ["123", "1111", "1234", "9876", "x" * 65])
def test_pins_that_anybody_would_try_are_not_taken(tmp_path: Path, pin: str) -> None:
    with pytest.raises(NotTaken):
        People(tmp_path).add("Anna", "operator", pin)


def test_two_people_cannot_have_one_pin_and_nobody_is_told_whose_it_is(tmp_path: Path) -> None:
    People(tmp_path).add("Anna", "operator", "2580-1")
    with pytest.raises(NotTaken, match=r"^choose another PIN$"):
        People(tmp_path).add("Ben", "viewer", "2580-1")
    People(tmp_path).add("Anna", "technician", "2580-1")
    assert People(tmp_path).known()["Anna"].role == "technician"


def test_an_address_of_ipv6_counts_with_its_whole_network() -> None:
    throttle = Throttle()
    for n in range(4):
        throttle.wrong(f"2001:db8::{n}", 100.0)
    assert throttle.wait("2001:db8::ffff", 100.0) == 2.0
    assert throttle.wait("2001:db8:0:1::1", 100.0) == 0.0


# --- a list in hand ------------------------------------------------------------------------------------------------------


def test_two_consoles_cannot_fight_over_go_and_either_may_take_it_over(house: House) -> None:
    anna, ben = house.as_("operator"), house.as_("technician", BOOTH)
    with anna.websocket_connect("ws://booth:8080/ws") as one, ben.websocket_connect("ws://booth:8080/ws") as two:
        assert ask(one, request="Own", list="main")["words"] == "GO of main is yours alone"
        assert ask(two, request="Go")["refused"] == "main is in the hands of Operator: take it over first"
        assert ask(two, request="Stop")["done"], "stopping is never anybody's own"
        assert ask(two, request="Own", list="main")["words"] == "GO of main is yours alone; Operator had it"
        assert ask(one, request="Go")["refused"].startswith("main is in the hands of Technician")
        assert ask(two, request="Go")["started"] == {"list": "main", "cue": "1"}
    assert house.company.owners() == {}


def test_everybody_is_told_who_else_is_there_and_which_list_they_have_in_hand(house: House) -> None:
    anna, ben = house.as_("operator"), house.as_("viewer", BOOTH)
    with anna.websocket_connect("ws://booth:8080/ws") as one, ben.websocket_connect("ws://booth:8080/ws") as two:
        assert ask(one, request="Here", list="main", person="nobody listens to this")["done"]
        people = two.receive_json()["view"]["people"]
    assert {(p["person"], p["role"], p["list"], p["you"]) for p in people} >= {("Viewer", "viewer", "", True)}


def ask(socket: Any, **message: object) -> dict[str, Any]:
    socket.send_json({"id": "it", **message})
    answer: dict[str, Any] = heard(socket, "it")["answer"]
    return answer


def heard(socket: Any, number: object) -> dict[str, Any]:
    """The answer under ``number``."""
    while True:
        said: dict[str, Any] = socket.receive_json()
        if said["type"] == "answer" and said["id"] == number:
            return said


def needed(message: Message) -> dict[str, object]:
    """Something for everything that ``message`` cannot go without."""
    examples: dict[str, object] = {"string": "main", "number": 1, "boolean": True, "number[]": [], "string | null": None}
    named: dict[str, object] = {"cue": "1", "fixture": "wash_1", "master": "grand", "device": "crane", "until": "2030-01-01"}
    return {name: named.get(name, examples.get(kind, {})) for name, kind in message.takes if not name.endswith("?")}


def posted(page: TestClient, message: Message) -> tuple[int, str]:
    answer = page.post("/api/ask", json={"request": message.name, **needed(message)})
    return answer.status_code, answer.json().get("error", "")
