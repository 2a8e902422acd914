"""Branches, loops and calls of subgraphs, and variables that outlive a run."""

from collections.abc import Iterator

from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers

from .model import Case, Operator, Subgraph, Tensor, case, feed, fixed, result
from .quantizations import usual

SHAPE = (2, 3)


def cases() -> Iterator[Case]:
    """All of the family."""
    for type in ["f32", "i8", "i32"]:
        yield branches(type)
        yield variables(type)
        yield delay(type)
    yield loop()
    yield loop_that_never_begins()
    yield composite()


def add(a: Tensor, b: Tensor, type: str) -> Operator:
    """The sum of two tensors of one type."""
    return Operator("ADD", [a, b], [result(type, usual(type), shape=SHAPE)],
                    schema.AddOptionsT(potScaleInt16=False))


def branches(type: str) -> Case:
    """A sum or a product, as an input says."""
    parts = []
    for kind, options in [("ADD", schema.AddOptionsT(potScaleInt16=False)),
                          ("MUL", schema.MulOptionsT())]:
        operands = [feed(type, SHAPE, usual(type)), feed(type, SHAPE, usual(type))]
        computed = Operator(kind, operands, [result(type, usual(type), shape=SHAPE)], options)
        parts.append(Subgraph(operands, [computed], computed.results))
    few = (-9, 9) if type == "i32" else None
    operands = [feed("bool", ()), feed(type, SHAPE, usual(type), few),
                feed(type, SHAPE, usual(type), few)]
    return Case("IF", type, "sum-or-product", [
        Operator("IF", operands, [result(type, usual(type))], schema.IfOptionsT(1, 2))], parts)


def variables(type: str) -> Case:
    """A sum of what all runs were given; it begins at a constant."""
    initial = fixed([[1, 2, 3], [4, 5, 6]], type, usual(type))
    few = (-9, 9) if type == "i32" else None
    x = feed(type, SHAPE, usual(type), few)
    handle, other, old = result("resource"), result("resource"), result(type, usual(type))
    total = add(old, x, type)
    copy = result(type, usual(type))
    return Case("ASSIGN_VARIABLE", type, "running-sum", [
        Operator("CALL_ONCE", [], [], schema.CallOnceOptionsT(1)),
        Operator("VAR_HANDLE", [], [handle], schema.VarHandleOptionsT("", "total")),
        Operator("READ_VARIABLE", [handle], [old], schema.ReadVariableOptionsT()),
        total,
        Operator("ASSIGN_VARIABLE", [handle, total.results[0]], [],
                 schema.AssignVariableOptionsT()),
        Operator("READ_VARIABLE", [handle], [copy], schema.ReadVariableOptionsT()),
    ], [Subgraph([], [
        Operator("VAR_HANDLE", [], [other], schema.VarHandleOptionsT("", "total")),
        Operator("ASSIGN_VARIABLE", [other, initial], [], schema.AssignVariableOptionsT()),
    ], [])])


def delay(type: str) -> Case:
    """What the run before was given, beside the sum of both."""
    initial = fixed([[0, 1, 0], [1, 0, 1]], type, usual(type))
    x = feed(type, SHAPE, usual(type), (-9, 9) if type == "i32" else None)
    handle, other, old = result("resource"), result("resource"), result(type, usual(type))
    both = add(old, x, type)
    return Case("READ_VARIABLE", type, "delay", [
        Operator("CALL_ONCE", [], [], schema.CallOnceOptionsT(1)),
        Operator("VAR_HANDLE", [], [handle], schema.VarHandleOptionsT("box", "last")),
        Operator("READ_VARIABLE", [handle], [old], schema.ReadVariableOptionsT()),
        both,
        Operator("ASSIGN_VARIABLE", [handle, x], [], schema.AssignVariableOptionsT()),
    ], [Subgraph([], [
        Operator("VAR_HANDLE", [], [other], schema.VarHandleOptionsT("box", "last")),
        Operator("ASSIGN_VARIABLE", [other, initial], [], schema.AssignVariableOptionsT()),
    ], [])])


def counting(limit: int) -> list[Subgraph]:
    """The condition and the body of a loop over a counter and a tensor that is doubled."""
    counter, kept = feed("i32", ()), feed("f32", SHAPE)
    test = Operator("LESS", [counter, fixed(limit)], [result("bool")], schema.LessOptionsT())
    number, x = feed("i32", ()), feed("f32", SHAPE)
    step = Operator("ADD", [number, fixed(1)], [result("i32")],
                    schema.AddOptionsT(potScaleInt16=False))
    doubled = add(x, x, "f32")
    return [Subgraph([counter, kept], [test], test.results),
            Subgraph([number, x], [step, doubled], [*step.results, *doubled.results])]


def loop() -> Case:
    """As many rounds as a counter needs to get to 5."""
    operands = [feed("i32", (), range=(0, 6)), feed("f32", SHAPE)]
    return Case("WHILE", "f32", "doubling", [
        Operator("WHILE", operands, [result("i32"), result("f32")], schema.WhileOptionsT(1, 2))],
        counting(5))


def loop_that_never_begins() -> Case:
    """A condition that does not hold at first."""
    operands = [feed("i32", (), range=(0, 6)), feed("f32", SHAPE)]
    return Case("WHILE", "f32", "no-round", [
        Operator("WHILE", operands, [result("i32"), result("f32")], schema.WhileOptionsT(1, 2))],
        counting(-1))


def composite() -> Case:
    """An operator that a subgraph says the meaning of."""
    a, b = feed("f32", SHAPE), feed("f32", SHAPE)
    total = add(a, b, "f32")
    twice = add(total.results[0], b, "f32")
    return case_with(composite_options(), Subgraph([a, b], [total, twice], twice.results))


def composite_options() -> schema.StableHLOCompositeOptionsT:
    """Named as converters name theirs; the first subgraph behind the primary one is meant."""
    return schema.StableHLOCompositeOptionsT(
        name="example.sum", decompositionSubgraphIndex=1, version=1,
        compositeAttributes=list(flexbuffers.Dumps({})))


def case_with(options: schema.StableHLOCompositeOptionsT, part: Subgraph) -> Case:
    """A model of one composite of two inputs."""
    single = case("STABLEHLO_COMPOSITE", "f32", "sum", [feed("f32", SHAPE), feed("f32", SHAPE)],
                  result("f32"), options)
    return Case(single.operator, single.type, single.variant, single.operators, [part])
