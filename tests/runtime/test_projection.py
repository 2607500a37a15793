"""The example show of projection: a hologram, headsets and a being's mind, and what the operator is told while they break."""

from showctl.runtime.rehearsal import rehearse
from tests.runtime.test_example_shows import SHOWS


def test_the_show_passes_its_rehearsals_and_every_frame_makes_no_difference() -> None:
    short, whole = (rehearse(SHOWS / "projection", every_frame=every) for every in (False, True))
    assert [failure for verdict in short for failure in verdict.failures] == []
    assert [verdict.transcript for verdict in short] == [verdict.transcript for verdict in whole]
    said = {verdict.stem: verdict.transcript for verdict in short}
    for rehearsal, sentence in (
        ("no_answer", "mind did not do ask: no answer came in time; the approved line is spoken"),
        ("no_answer", "mind did not do ask: the endpoint closed the connection; the approved line is spoken"),
        ("fleet", "xr is degraded: xr has a fleet to look after: headset 2 has 12 % left."),
        ("half_open", "projector did not do shutter: it was not done within 8 s; main is held"),
        ("gauze_dies", "projector is lost: projector is lost: nothing was heard of it for 12 s"),
    ):
        assert sentence in said[rehearsal], (rehearsal, said[rehearsal])
