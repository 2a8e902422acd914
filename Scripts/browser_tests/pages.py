"""The pages that the tests open: reports that `dovetail` writes of networks small, real, large and hostile."""

import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MOBILENET = os.path.join(
    ROOT, "../shared/models/google-coral+test_data/mobilenet_v2_1.0_224_quant.tflite")


def profile_page(model, page, target="ethos-u55-256"):
    """Writes the profile of a model as a page."""
    dovetail("profile", model, "--target", target, "--html", page, "--quiet")
    return page


def diff_page(before, after, page, target="ethos-u55-256"):
    """Writes what two models differ in as a page."""
    dovetail("diff", before, after, "--target", target, "--html", page)
    return page


def judged_page(page, folder, target="ethos-u55-256"):
    """Writes the profile of a network as a page, with how far its layers are from those of one with other weights."""
    model, other, judgement = (f"{folder}/{name}" for name in ("judged.graph", "other.graph", "judged.json"))
    for path in (model, other):
        large_network(path, blocks=3)
    retrain(other)
    dovetail("evaluate", model, "--against", other, "--samples", "2", "--json", judgement)
    dovetail("profile", model, "--target", target, "--accuracy", judgement, "--html", page, "--quiet")
    return page


def dovetail(*words):
    """Runs the command under test; what it prints is dropped."""
    binary = os.environ.get("DOVETAIL", os.path.join(ROOT, ".build/release/dovetail"))
    subprocess.run([binary, *words], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def real_network():
    """MobileNetV2 where it is there, else the example."""
    example = os.path.join(ROOT, "Examples/fashion/fashion.tflite")
    return MOBILENET if os.path.exists(MOBILENET) else example


def large_network(path, blocks=200):
    """Writes a network of residual blocks with four operators each."""
    narrow, wide = "i8<0.5>[1, 32, 32, 32]", "i8<0.5>[1, 32, 32, 64]"
    nodes = [
        "%expand = constant(random(1)) : i8<0.01>[64, 1, 1, 32]",
        "%filter = constant(random(2)) : i8<0.01>[1, 3, 3, 64]",
        "%project = constant(random(3)) : i8<0.01>[32, 1, 1, 64]",
    ]
    names, operand = [], "x"
    for block in range(blocks):
        layers = [
            (f"conv2d(%{operand}, %expand) {{clamp: [0, 6]}}", wide, "CONV_2D", "expand/Relu6"),
            (f'depthwise_conv2d(%v{4 * block}, %filter) {{clamp: [0, 6], padding: "same"}}', wide,
             "DEPTHWISE_CONV_2D", "depthwise/Relu6"),
            (f"conv2d(%v{4 * block + 1}, %project)", narrow, "CONV_2D", "project/BiasAdd"),
            (f"add(%v{4 * block + 2}, %{operand})", narrow, "ADD", "add"),
        ]
        for position, (expression, kind, source, name) in enumerate(layers):
            index = 4 * block + position
            nodes.append(f"%v{index} = {expression} : {kind} from {source} {index}")
            scope = f"network/stage{block // 25}/block_{block % 25}"
            names.append(f'%v{index} = tensor {index} "{scope}/{name}"')
        operand = f"v{4 * block + 3}"
    write_graph(path, narrow, nodes, operand, names)


def retrain(path):
    """Gives the layers of a large network that expand other weights."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace("%expand = constant(random(1)) : i8<0.01>", "%expand = constant(random(4)) : i8<0.02>"))


NASTY = [
    r"<script>window.harmed = true</script>", r"\"><img src=x onerror=harmed=1>", "</title></script>",
    "x" * 10_000, "\u202eright to left", "&lt;&amp;", "名前 😀", "' onmouseover='harmed=1",
]


def nasty_network(path):
    """Writes a network whose names would do harm if they were taken for markup."""
    kind = "i8<0.5>[1, 4, 4, 8]"
    nodes = [f"%v{index} = add(%{f'v{index - 1}' if index else 'x'}, %x) : {kind} from ADD {index}"
             for index in range(len(NASTY))]
    names = [f'%v{index} = tensor {index} "{name}"' for index, name in enumerate(NASTY)]
    write_graph(path, kind, nodes, f"v{len(NASTY) - 1}", names)


def write_graph(path, kind, nodes, result, names):
    body = "\n".join(f"  {node}" for node in nodes)
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"graph network(%x: {kind}) {{\n{body}\n  return %{result}\n}}\n")
        file.write("\n".join(names) + "\n")
