"""For machines that look after the show: ``/healthz`` (is it well?) and ``/metrics`` (how well, in Prometheus' text form).

``/healthz`` is 200 where light leaves and the journal is written, else 503 with the reasons; anybody may ask, and learns nothing
more. ``/metrics`` is for whoever may look on: at this machine, or with a crew's link as bearer token.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response

from showctl.console.audience import Audience
from showctl.console.reception import Asked, Sorry, at_once, on_a_thread


class Health:
    """Of one console's show."""

    def __init__(self, audience: Audience) -> None:
        self.audience, self.desk = audience, audience.desk

    async def healthz(self, _: HttpRequest) -> Response:
        """``GET /healthz``."""
        try:
            told = await at_once(self.desk, self.desk.status)
        except Sorry as sorry:
            return JSONResponse({"ok": False, "why": [str(sorry)]}, 503)
        why = [told["wire"]["why"] or "light is not being sent"] if not told["wire"]["connected"] or told["wire"]["why"] else []
        why += [told["journal"]["trouble"]] if told["journal"]["trouble"] else []
        return JSONResponse({"ok": not why, "why": why}, 503 if why else 200)

    async def metrics(self, _: Asked) -> Response:
        """``GET /metrics``. Sorry where the package that writes the form is not installed."""
        try:
            from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
        except ImportError:
            raise Sorry(501, "metrics need the package prometheus-client: pip install 'showctl[metrics]'") from None
        status = await at_once(self.desk, self.desk.status)

        def made() -> dict[str, Any]:
            registry = CollectorRegistry(auto_describe=False)
            registry.register(_Told(status, len(self.audience.clients)))
            return {"text": generate_latest(registry)}

        return Response((await on_a_thread(made))["text"], media_type=CONTENT_TYPE_LATEST)


class _Told:
    """A status as metrics."""

    def __init__(self, status: dict[str, Any], pages: int) -> None:
        self.status, self.pages = status, pages

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        status, wire = self.status, self.status["wire"]
        yield GaugeMetricFamily("showctl_pages", "Pages that are open.", self.pages)
        yield GaugeMetricFamily("showctl_wire_connected", "Whether light is being sent.", float(wire["connected"]))
        yield CounterMetricFamily("showctl_frames", "Frames of light sent.", wire["frames"])
        yield CounterMetricFamily("showctl_frames_missed", "Frames of light that were left out.", wire["missed"])
        yield GaugeMetricFamily(
            "showctl_frame_late_p99_seconds", "How late the latest of 100 frames is.", wire["late_p99_us"] / 1e6
        )
        yield GaugeMetricFamily("showctl_journal_late", "Whether what happens is written late.", float(status["journal"]["late"]))
        yield GaugeMetricFamily("showctl_latched", "Whether panic or evacuation is in force.", float(bool(status["latched"])))
        running = GaugeMetricFamily("showctl_cues_running", "Cues that run.", labels=["list"])
        for item in status["lists"]:
            running.add_metric([item["name"]], len(item["running"]))
        yield running
        well = GaugeMetricFamily("showctl_device_ok", "Whether a device is well.", labels=["device", "kind"])
        age = GaugeMetricFamily("showctl_device_age_seconds", "Since a device was heard.", labels=["device", "kind"])
        late = GaugeMetricFamily("showctl_device_late_seconds", "Its last clip began after it was to.", labels=["device", "kind"])
        for device in status["devices"]:
            labels = [device["name"], device["kind"]]
            if not device.get("silent"):  # of what has no voice nobody knows
                well.add_metric(labels, float(device["health"] == "ok"))
            if device["age"] is not None:
                age.add_metric(labels, device["age"])
            if device.get("late") is not None:
                late.add_metric(labels, device["late"])
        yield from (well, age, late)
        if status["skew"]:
            words = "Between the first device of the last cue that began and the last."
            yield GaugeMetricFamily("showctl_skew_seconds", words, status["skew"][0]["apart"])
            most = max(cue["apart"] for cue in status["skew"])
            yield GaugeMetricFamily("showctl_skew_most_seconds", "The same, the most of the last cues.", most)
