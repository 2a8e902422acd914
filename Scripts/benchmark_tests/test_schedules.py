"""Tells which layers of two compilers belong together, with rows as Vela writes them."""

import unittest

from benchmarks.layer_report import TargetLayers
from benchmarks.published import beats
from benchmarks.schedule import BARS, Comparison, Layer, Schedule, Settings
from benchmarks.vela import canonical, grouped
from benchmarks.vela_debug import misplaced_cycles


def row(operator, tensor, cycles):
    """What counts of a row of Vela's table."""
    return {"Original Operator": operator, "Name": tensor, "Op Cycles": str(cycles)}


def comparison(ours, vela):
    """Of layers that are given as pairs of operator and cycles."""
    def schedule(layers):
        return Schedule(Settings("t", "s", "m"), sum(cycles for _, cycles in layers), 8, 0, 0,
                        [Layer(operator, "", cycles) for operator, cycles in layers])
    return Comparison("net", schedule(ours), schedule(vela))


class GroupingTests(unittest.TestCase):
    def test_rows_of_an_operator_that_vela_splits_are_one_layer(self):
        rows = [row("Softmax", "x_0", 3), row("Softmax", "x_1", 4), row("Softmax", "y", 5)]
        self.assertEqual(grouped(rows, {"y"}), [Layer("softmax", "y", 12)])

    def test_neighbours_of_one_kind_are_told_apart_by_their_tensors(self):
        rows = [row("Conv2D", "a", 3), row("Conv2D", "a", 0), row("Conv2D", "b", 4)]
        self.assertEqual(grouped(rows, {"a", "b"}),
                         [Layer("conv2d", "a", 3), Layer("conv2d", "b", 4)])

    def test_both_spellings_of_an_operator_are_the_same(self):
        self.assertEqual(canonical("AvgPool"), canonical("AVERAGE_POOL_2D"))
        self.assertEqual(canonical("DepthwiseConv2D"), canonical("DEPTHWISE_CONV_2D"))


class ComparisonTests(unittest.TestCase):
    def test_what_one_compiler_fuses_counts_with_the_layer_before(self):
        both = comparison([("conv2d", 10), ("add", 4), ("softmax", 6)],
                          [("conv2d", 7), ("add", 0), ("softmax", 6)])
        self.assertEqual([(ours.cycles, vela.cycles) for ours, vela in both.pairs],
                         [(14, 7), (6, 6)])
        self.assertEqual(both.layer_deviation, 0.5)
        self.assertEqual(both.unmatched, 0)

    def test_a_layer_without_a_partner_is_counted(self):
        both = comparison([("conv2d", 10), ("pad", 2), ("add", 4)], [("conv2d", 10), ("add", 4)])
        self.assertEqual(len(both.pairs), 2)
        self.assertEqual(both.unmatched, 1)

    def test_a_bar_is_met_at_its_limit(self):
        cycles = BARS[0]
        self.assertTrue(cycles.is_met(comparison([("add", 105)], [("add", 100)])))
        self.assertFalse(cycles.is_met(comparison([("add", 106)], [("add", 100)])))

    def test_nothing_by_nothing_is_one(self):
        self.assertEqual(comparison([("add", 1)], [("add", 1)]).ratio("off_chip_bytes"), 1)


class LayerTests(unittest.TestCase):
    def test_only_layers_whose_engines_work_on_both_sides_are_bound_by_compute(self):
        busy, waiting = Layer("add", "", 12, 8), Layer("add", "", 12, 7)
        layers = TargetLayers("t", [(busy, busy), (busy, waiting), (waiting, busy)])
        self.assertEqual(layers.bound_by_compute, [(busy, busy)])

    def test_under_the_same_traffic_only_engines_differ(self):
        ours, vela = Layer("add", "", 40, 6), Layer("add", "", 10, 5, 10)
        self.assertEqual(TargetLayers("t", [(ours, vela)]).same_traffic_deviation, 0)
        self.assertEqual(TargetLayers("t", [(ours, vela)]).deviation, 3)

    def test_reads_of_factors_without_bytes_are_misplaced(self):
        row = {"Op Cycles": "1562", "NPU": "300", "SRAM AC": "40", "DRAM AC": "1562",
               "DramScales_ac": "1562", "DramScales_read": "0", "DramWeights_ac": "400"}
        self.assertEqual(misplaced_cycles(row), 1162)
        self.assertEqual(misplaced_cycles(row | {"DramScales_read": "640"}), 0)


class PublishedTests(unittest.TestCase):
    def test_a_port_that_only_reads_has_no_writes(self):
        metrics = {"axi0_read_beats": 3, "axi0_write_beats": 2, "axi1_read_beats": 7}
        self.assertEqual([beats(metrics, "axi0"), beats(metrics, "axi1")], [5, 7])


if __name__ == "__main__":
    unittest.main()
