"""Trials: a network is quantized in one setting, executed on its data and compared with itself."""

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from ..processes import ProcessFailure, run
from . import measures, networks
from .contestants import Peer, digest, our_command, our_methods, our_settings, peer_of
from .measures import Quality, best, quality
from .networks import Network
from .places import ROOT

CACHE = ROOT / ".build-quantization"


@dataclass(frozen=True)
class Trial:
    """What came of one setting: a quality, or why there is none."""

    setting: str
    quality: Quality | None = None
    file_bytes: int | None = None
    failure: str | None = None


@dataclass(frozen=True)
class Outcome:
    """The trials of one contestant in one scheme, what it does unasked first."""

    trials: list[Trial]

    @property
    def best(self) -> Trial | None:
        """The best by the measure that the network is judged by."""
        qualities = {each.setting: each.quality for each in self.trials if each.quality}
        if not qualities:
            return None
        name = best(qualities)
        return next(each for each in self.trials if each.setting == name)

    @property
    def unasked(self) -> Trial:
        """What comes of asking for nothing: the first that works."""
        return next((each for each in self.trials if each.quality), self.trials[0])


class Bench:
    """One network, its data and the outputs of its float model."""

    def __init__(self, network: Network, folder: Path) -> None:
        self.network = network
        self.folder = folder
        self.peer: Peer = peer_of(network)
        self.model = network.file(folder)
        self.samples = network.samples()
        self.samples.write(folder)
        self.calibration = folder / "calibration.npy"
        # For the peer, which asks for more than a model's format does.
        self.prepared = folder / f"prepared{self.model.suffix}"
        self.peer.tool.prepare(self.model, self.prepared)
        self.reference = self.peer.tool.execute(self.prepared, self.samples.data)
        self.float = quality(network, self.samples, self.reference, self.reference)

    @cached_property
    def methods(self) -> list[str]:
        """What Dovetail can do to lose less."""
        return our_methods(self.prepared, self.calibration)

    def ours(self, scheme: str, settings: list[str] | None = None) -> Outcome:
        """What Dovetail makes of it."""
        return Outcome([self.our_trial(scheme, setting)
                        for setting in settings or our_settings(scheme, self.methods)])

    def theirs(self, scheme: str) -> Outcome:
        """What the peer makes of it, from an earlier run if nothing has changed."""
        return Outcome([self.kept_trial(scheme, setting) for setting in self.peer.settings[scheme]])

    def our_trial(self, scheme: str, setting: str) -> Trial:
        """One setting of Dovetail."""
        return self.trial("dovetail", scheme, setting)

    def kept_trial(self, scheme: str, setting: str) -> Trial:
        """One setting of the peer."""
        kept = CACHE / f"{self.network.name}-{self.key(setting)}.json"
        if kept.exists():
            return read_trial(kept)
        trial = self.trial("peer", scheme, setting)
        CACHE.mkdir(exist_ok=True)
        kept.write_text(json.dumps(asdict(trial)))
        return trial

    def key(self, setting: str) -> str:
        """Everything that the peer's figures depend on: model, data, versions and this code."""
        code = [Path(each.__file__) for each in (self.peer.tool, measures, networks)]
        files = [self.prepared, *sorted(self.folder.glob("*.npy")), *code]
        return digest(setting.encode(), *(each.encode() for each in self.peer.versions.values()),
                      *(path.read_bytes() for path in files))

    def result(self, who: str) -> Path:
        """Where a quantized model goes."""
        return self.folder / f"{who}{self.model.suffix}"

    def command(self, who: str, scheme: str, setting: str) -> list[str]:
        """The process of a contestant that quantizes."""
        out = self.result(who)
        if who == "dovetail":
            return our_command(scheme, setting, self.methods, self.model, self.calibration, out)
        return self.peer.command(setting, self.prepared, self.calibration, out)

    def trial(self, who: str, scheme: str, setting: str) -> Trial:
        """Quantizes, executes and compares."""
        out = self.result(who)
        out.unlink(missing_ok=True)
        try:
            run(self.command(who, scheme, setting))
            outputs = self.peer.tool.execute(out, self.samples.data)
        except ProcessFailure as failure:
            return Trial(setting, failure=last_line(failure.messages))
        except Exception as error:  # Runtimes refuse models by errors of many types.
            return Trial(setting, failure=last_line(str(error)))
        if not all(np.isfinite(each).all() for each in outputs):
            return Trial(setting, failure="an output is not finite")
        return Trial(setting, quality(self.network, self.samples, self.reference, outputs),
                     out.stat().st_size)


def read_trial(path: Path) -> Trial:
    """A trial as `kept_trial` stores it."""
    fields = json.loads(path.read_text())
    measured = fields.pop("quality")
    return Trial(**fields, quality=Quality(**measured) if measured else None)


def last_line(messages: str) -> str:
    """The line that says what went wrong, without the places that it was passed through."""
    lines = [line.strip() for line in messages.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error:")]
    return (errors or lines[-1:] or ["it gave no reason"])[0][:200]


def all_outcomes(bench: Bench, with_ours: bool) -> dict[str, dict[str, Outcome]]:
    """By scheme and by contestant."""
    return {scheme: {**({"dovetail": bench.ours(scheme)} if with_ours else {}),
                     "peer": bench.theirs(scheme)} for scheme in bench.network.schemes}
