"""Measures of quantized networks, the data they are judged on, and the report's tables."""

import importlib.util
import math
import os
import sys
import tempfile
import unittest
from pathlib import Path

from benchmarks.processes import ProcessFailure, run_alone

# What the benchmark's own environment has, and others need not.
HAS_NUMPY = importlib.util.find_spec("numpy") is not None
HAS_ALL = HAS_NUMPY and all(importlib.util.find_spec(name)
                            for name in ("PIL", "scipy", "onnxruntime"))
if HAS_NUMPY:
    import numpy as np


class MemoryTests(unittest.TestCase):
    def test_memory_of_the_one_who_measures_does_not_count(self):
        held = b"x" * (200 << 20)
        peak = run_alone([sys.executable, "-S", "-c", "pass"]).peak_kibibytes
        self.assertLess(peak, len(held) >> 11)

    def test_what_a_process_says_as_it_fails_is_told(self):
        with self.assertRaises(ProcessFailure) as caught:
            run_alone([sys.executable, "-c", "raise SystemExit('no such thing')"])
        self.assertEqual(caught.exception.messages, "no such thing")


@unittest.skipUnless(HAS_ALL, "needs the environment of `Scripts/benchmark quantization`")
class MeasureTests(unittest.TestCase):
    def setUp(self):
        from benchmarks.quantizers import measures, networks, samples
        self.measures = measures
        self.classifier = networks.NETWORKS[0]
        self.detector = next(each for each in networks.NETWORKS if each.detects)
        self.samples = samples

    def test_noise_of_a_tenth_is_twenty_decibels(self):
        reference = np.array([[3.0, -4.0]], np.float32)
        self.assertAlmostEqual(self.measures.sqnr(reference, reference * 1.1), 20, places=4)

    def test_equal_outputs_have_no_ratio(self):
        self.assertIsNone(self.measures.sqnr(np.ones((1, 2)), np.ones((1, 2))))

    def test_accuracy_leaves_out_what_has_been_calibrated_on(self):
        data = np.zeros((4, 1), np.float32)
        samples = self.samples.Samples(data[:1], data, np.array([0, 1, 1, 0]), np.array([3]))
        scores = [np.eye(2, dtype=np.float32)[[0, 1, 0, 1]]]
        quality = self.measures.quality(self.classifier, samples, scores, scores)
        self.assertEqual(quality.accuracy, 0.5)
        self.assertAlmostEqual(quality.held_out_accuracy, 2 / 3)
        self.assertEqual(quality.agreement, 1)

    def test_a_detector_answers_by_its_largest_score(self):
        boxes = np.zeros((2, 3, 16), np.float32)
        scores = np.array([[-9000, -1, -2], [-3, 0.1, -5]], np.float32)[..., np.newaxis]
        self.assertEqual(self.detector.answers([boxes, scores]).tolist(), [0, 1])
        self.assertEqual(self.detector.scores([boxes, scores]).min(), -100)

    def test_the_best_is_right_more_often_and_then_nearer(self):
        quality = self.measures.Quality
        self.assertEqual(self.measures.best({
            "near": quality(30, 0.99, 0.70, 0.70), "far": quality(10, 0.90, 0.71, 0.71),
            "farther": quality(9, 0.95, 0.71, 0.71)}), "far")
        self.assertEqual(self.measures.best({
            "exact": quality(None, 1, None, None), "near": quality(60, 1, None, None)}), "exact")


@unittest.skipUnless(HAS_ALL, "needs the environment of `Scripts/benchmark quantization`")
class SampleTests(unittest.TestCase):
    def test_each_class_is_calibrated_on_where_classes_take_turns(self):
        from benchmarks.quantizers import samples
        labels = np.arange(2000) % 10
        made = samples.every(20, np.zeros((2000, 1)), labels)
        self.assertEqual(np.bincount(labels[made.calibrated]).tolist(), [10] * 10)
        self.assertEqual(made.held_out.sum(), 1900)

    def test_crops_are_the_same_each_time_and_whole(self):
        from benchmarks.quantizers import photographs
        from PIL import Image
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "gray.png")
            Image.new("RGB", (60, 40), (80, 90, 100)).save(path)
            crops = photographs.crops([path], 5, 16, seed=3)
            self.assertTrue((crops == photographs.crops([path], 5, 16, seed=3)).all())
        self.assertEqual(crops.shape, (5, 16, 16, 3))
        self.assertTrue((crops == [80, 90, 100]).all())

    def test_features_of_a_tone_are_strongest_in_its_band(self):
        from benchmarks.quantizers import speech
        weights = speech.mel_weights()
        self.assertEqual(weights.shape, (257, 40))
        # A bin of the transform is 31.25 Hz wide.
        band = int(weights[32].argmax())
        edges = np.linspace(speech.mel(20.0), speech.mel(4000.0), 42)
        self.assertLess(abs(edges[band + 1] - speech.mel(1000.0)), edges[1] - edges[0])
        tone = np.sin(2 * math.pi * 1000 * np.arange(speech.RATE) / speech.RATE)
        self.assertEqual(speech.features(tone.astype(np.float32)).shape, (49, 10, 1))


@unittest.skipUnless(HAS_ALL, "needs the environment of `Scripts/benchmark quantization`")
class ReportTests(unittest.TestCase):
    def setUp(self):
        from benchmarks.quantizers import (contestants, measures, network_report, networks,
                                            report, trials)
        quality = measures.Quality(21.04, 0.9695, 0.762, 0.7605)
        outcome = trials.Outcome([trials.Trial("a", failure="no"), trials.Trial("b", quality, 8)])
        outcomes = {scheme: {"peer": outcome} for scheme in networks.SCHEMES}
        self.report = report
        self.measured = network_report.NetworkReport(
            networks.NETWORKS[1], contestants.ONNX_RUNTIME, quality, outcomes, {},
            {"w4a8": outcome.trials})

    def test_a_row_has_a_cell_for_each_title(self):
        for section in self.report.markdown({"date": "d", "cpu": "c"}, 1, [self.measured]).split(
                "\n\n"):
            widths = {line.count("|") for line in section.split("\n") if line.startswith("|")}
            self.assertLessEqual(len(widths), 1, section)

    def test_methods_have_a_table_for_each_scheme(self):
        self.assertIn("## Methods on ResNet-8 (ONNX), w4a8\n\nThe float network is right in 76.20%",
                      self.report.markdown({"date": "d", "cpu": "c"}, 1, [self.measured]))

    def test_what_fails_is_told_and_what_works_is_unasked(self):
        self.assertEqual(self.measured.outcomes["int8"]["peer"].unasked.setting, "b")
        self.assertIn("int8 a; w4a8 a; int16x8 a: no",
                      self.report.failure_section([self.measured]))


@unittest.skipUnless(HAS_ALL, "needs the environment of `Scripts/benchmark quantization`")
class BarTests(unittest.TestCase):
    def verdicts(self, name, unasked, best, peer, reference=0.764):
        """What is said of one network in int8, by accuracies."""
        from benchmarks.quantizers import (bars, contestants, measures, network_report, networks,
                                           trials)
        network = next(each for each in networks.NETWORKS if each.name == name)

        def outcome(*accuracies):
            return trials.Outcome([
                trials.Trial(f"s{number}", measures.Quality(20 + number, 0.9, each, each), 8)
                for number, each in enumerate(accuracies)])

        outcomes = {"int8": {"dovetail": outcome(unasked, best), "peer": outcome(peer)}}
        quality = measures.Quality(None, 1, reference, reference)
        return [each.verdict for each in bars.findings(network_report.NetworkReport(
            network, contestants.peer_of(network), quality, outcomes, {}, {}))]

    def test_a_bar_that_is_just_reached_holds(self):
        self.assertEqual(self.verdicts("resnet8", 0.761, 0.761, 0.761), ["yes", "yes"])

    def test_a_bar_that_a_setting_reaches_names_it(self):
        self.assertEqual(self.verdicts("resnet8", 0.760, 0.766, 0.765), ["with s1", "with s1"])

    def test_a_bar_that_is_missed_does_not_hold(self):
        self.assertEqual(self.verdicts("resnet8", 0.75, 0.76, 0.77), ["no", "no"])

    def test_networks_without_labels_are_judged_by_agreement(self):
        self.assertEqual(self.verdicts("vww", None, None, None, reference=None), ["yes"])


@unittest.skipUnless(HAS_ALL and os.name == "posix", "needs the benchmark's environment")
class MethodTests(unittest.TestCase):
    def test_methods_are_those_that_dovetail_names(self):
        from benchmarks.quantizers import contestants
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder, "dovetail")
            script.write_text("#!/bin/sh\necho 'help: the methods are `one`, `two-more`' >&2\n"
                              "exit 64\n")
            script.chmod(0o755)
            before = os.environ.get("DOVETAIL")
            os.environ["DOVETAIL"] = str(script)
            try:
                methods = contestants.our_methods(Path(folder, "m.onnx"), Path("c.npy"))
            finally:
                os.environ.pop("DOVETAIL")
                if before:
                    os.environ["DOVETAIL"] = before
        self.assertEqual(methods, ["one", "two-more"])


if __name__ == "__main__":
    unittest.main()
