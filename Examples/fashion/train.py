#!/usr/bin/env python3
"""Trains the Fashion-MNIST classifier of this folder and exports it to TFLite, in int8 and in float.

    apt-get install dataset-fashion-mnist
    python3 -m venv fashion-venv && fashion-venv/bin/pip install -r requirements.txt
    fashion-venv/bin/python train.py

writes `fashion.tflite`, `fashion-float.tflite`, `calibration.npy`, `images.npy` and `labels.npy`
beside this script and prints the accuracies that README.md quotes. It takes about seven minutes on
two cores. Seeds are fixed and TensorFlow is told to be deterministic, so the same versions on the
same processor give the same bytes.

The network is a MobileNet in miniature: a convolution, four depthwise-separable blocks of which two
have a residual addition, average pooling and a classifier.
"""

import argparse
import contextlib
import gzip
import io
import math
import os
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before TensorFlow is imported: only errors

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from tensorflow.lite.python import schema_py_generated as schema
from tensorflow.lite.tools import flatbuffer_utils

# The converter warns of what it then does right, and the interpreter of its move to LiteRT.
warnings.filterwarnings("ignore", category=UserWarning, module="tensorflow.lite")

SEED = 20170825
EPOCHS = 8
BATCH_SIZE = 128
PEAK_LEARNING_RATE = 4e-3
CALIBRATION_IMAGES = 500
RELEASED_IMAGES = 300
RELEASED_CALIBRATION_IMAGES = 100
CLASSES = 10
STEM_CHANNELS = 16


@dataclass(frozen=True)
class Block:
    """A depthwise 3x3 and a pointwise convolution; with `residual`, their input is added."""

    name: str
    channels: int
    stride: int = 1
    residual: bool = False


BLOCKS = (
    Block("down1", channels=48, stride=2),
    Block("residual1", channels=48, residual=True),
    Block("down2", channels=96, stride=2),
    Block("residual2", channels=96, residual=True),
)


@dataclass(frozen=True)
class Split:
    """Images as float32 [n, 28, 28, 1] in 0...1 and their labels as uint8 [n]."""

    images: np.ndarray
    labels: np.ndarray


def main() -> None:
    """Trains, exports, writes all files and prints what README.md quotes."""
    arguments = parse_arguments()
    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()

    train = read_split(arguments.data, "train")
    test = read_split(arguments.data, "t10k")
    model = build_model()
    fit(model, train, arguments.epochs)

    exported = with_readable_names(quantize(model, train.images[:CALIBRATION_IMAGES]), "int8")
    images = quantize_images(exported, test.images)
    calibration = quantize_images(exported, train.images[:RELEASED_CALIBRATION_IMAGES])
    exported_float = with_readable_names(convert(model), "float")
    write(arguments.output, {"fashion.tflite": exported, "fashion-float.tflite": exported_float},
          {"calibration.npy": calibration, "images.npy": images[:RELEASED_IMAGES],
           "labels.npy": test.labels[:RELEASED_IMAGES]})

    print_operators(exported)
    print_accuracy("float", probabilities_of_float(model, test.images), test.labels)
    print_accuracy("int8 ", probabilities_of_int8(exported, images), test.labels)


def parse_arguments() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="Trains and exports the Fashion-MNIST example.")
    parser.add_argument("--data", type=Path, default=Path("/usr/share/datasets/fashion-mnist"),
                        help="folder with the four .gz files of Fashion-MNIST")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent,
                        help="folder to write to (default: beside this script)")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    return parser.parse_args()


# Data


def read_split(folder: Path, prefix: str) -> Split:
    """Reads `train` or `t10k` in the IDX format: a 16 or 8 byte header, then bytes."""
    pixels = gzip.decompress((folder / f"{prefix}-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((folder / f"{prefix}-labels-idx1-ubyte.gz").read_bytes())
    images = np.frombuffer(pixels, np.uint8, offset=16).reshape(-1, 28, 28, 1)
    return Split(images.astype(np.float32) / 255, np.frombuffer(labels, np.uint8, offset=8))


# Model and training


def build_model() -> keras.Model:
    """Builds the float network; `expected_operators` says what the converter makes of it."""
    image = keras.Input((28, 28, 1), name="image")
    x = layers.Conv2D(STEM_CHANNELS, 3, padding="same", use_bias=False, name="stem")(image)
    x = layers.ReLU(6.0)(batch_normalization()(x))
    for block in BLOCKS:
        x = add_block(block, x)
    # Not GlobalAveragePooling2D, which would become MEAN instead of AVERAGE_POOL_2D.
    x = layers.AveragePooling2D(7, name="pool")(x)
    x = layers.Dropout(0.2)(layers.Flatten(name="flatten")(x))
    x = layers.Dense(CLASSES, name="classifier")(x)
    return keras.Model(image, layers.Softmax(name="probabilities")(x), name="fashion")


def add_block(block: Block, x: keras.KerasTensor) -> keras.KerasTensor:
    """Appends one depthwise-separable block: ReLU6 inside, ReLU at its end."""
    y = layers.DepthwiseConv2D(3, block.stride, padding="same", use_bias=False,
                               name=f"{block.name}.depthwise")(x)
    y = layers.ReLU(6.0)(batch_normalization()(y))
    y = layers.Conv2D(block.channels, 1, use_bias=False, name=f"{block.name}.pointwise")(y)
    y = batch_normalization()(y)
    if block.residual:
        y = layers.Add(name=f"{block.name}.add")([x, y])
    return layers.ReLU()(y)


def batch_normalization() -> layers.BatchNormalization:
    """With a momentum for the few thousand steps that are trained here (Keras says 0.99)."""
    return layers.BatchNormalization(momentum=0.9)


def fit(model: keras.Model, train: Split, epochs: int) -> None:
    """Trains with AdamW and one warm-up, one cosine descent of the learning rate."""
    steps = epochs * -(-len(train.labels) // BATCH_SIZE)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=PEAK_LEARNING_RATE / 10, warmup_target=PEAK_LEARNING_RATE,
        warmup_steps=steps // 10, decay_steps=steps - steps // 10)
    model.compile(optimizer=keras.optimizers.AdamW(schedule, weight_decay=1e-2),
                  loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(train.images, train.labels, batch_size=BATCH_SIZE, epochs=epochs, verbose=2)


# Export


def quantize(model: keras.Model, calibration: np.ndarray) -> bytes:
    """Converts to full-integer int8 (weights per channel, input and output int8) with batch 1."""
    converter = converter_of(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([image[np.newaxis]] for image in calibration)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    return converted(converter)


def convert(model: keras.Model) -> bytes:
    """Converts to float with batch 1: what `quantize` begins with."""
    return converted(converter_of(model))


def converter_of(model: keras.Model) -> tf.lite.TFLiteConverter:
    """A converter of the model with a batch of 1."""
    # A fixed batch keeps SHAPE, PACK and STRIDED_SLICE out of the exported graph.
    image = keras.Input(batch_shape=(1, 28, 28, 1), name="image")
    return tf.lite.TFLiteConverter.from_keras_model(keras.Model(image, model(image)))


def converted(converter: tf.lite.TFLiteConverter) -> bytes:
    """What the converter makes of its model."""
    with contextlib.redirect_stdout(io.StringIO()):  # a page about the saved model in between
        return converter.convert()


def expected_operators() -> list[tuple[str, str]]:
    """Name and kind of every operator that the exported file must consist of, in order.

    The converter folds batch normalization and activations into the convolutions, and the
    flattening into the fully connected operator.
    """
    operators = [("stem", "CONV_2D")]
    for block in BLOCKS:
        operators.append((f"{block.name}.depthwise", "DEPTHWISE_CONV_2D"))
        operators.append((f"{block.name}.pointwise", "CONV_2D"))
        if block.residual:
            operators.append((f"{block.name}.add", "ADD"))
    return operators + [("pool", "AVERAGE_POOL_2D"), ("logits", "FULLY_CONNECTED"),
                        ("probabilities", "SOFTMAX")]


def with_readable_names(exported: bytes, numbers: str) -> bytes:
    """Names each tensor after the operator that computes it, in place of the converter's names."""
    model = flatbuffer_utils.read_model_from_bytearray(bytearray(exported))
    [graph] = model.subgraphs
    expected = expected_operators()
    found = [operator_kind(model, operator) for operator in graph.operators]
    if found != [kind for _, kind in expected]:
        raise SystemExit(f"the converter made other operators than expected: {found}")

    [image] = graph.inputs
    graph.tensors[image].name = b"image"
    for operator, (name, kind) in zip(graph.operators, expected):
        if kind != "ADD":
            for tensor, role in zip(operator.inputs[1:], ("weights", "bias")):
                graph.tensors[tensor].name = f"{name}/{role}".encode()
        graph.tensors[operator.outputs[0]].name = name.encode()

    model.description = f"Fashion-MNIST classifier, {numbers}".encode()
    model.signatureDefs = []  # they would repeat the converter's names of input and output
    model.metadata = []
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def operator_kind(model: schema.ModelT, operator: schema.OperatorT) -> str:
    """The operator's name in the TFLite schema, such as CONV_2D."""
    code = model.operatorCodes[operator.opcodeIndex]
    number = max(code.builtinCode, code.deprecatedBuiltinCode)
    names = {value: name for name, value in vars(schema.BuiltinOperator).items()}
    return names[number]


def write(folder: Path, models: dict[str, bytes], arrays: dict[str, np.ndarray]) -> None:
    """Writes all files, or none."""
    with tempfile.TemporaryDirectory(dir=folder) as unfinished:
        for name, exported in models.items():
            Path(unfinished, name).write_bytes(exported)
        for name, array in arrays.items():
            np.save(Path(unfinished, name), array)
        for file in Path(unfinished).iterdir():
            file.replace(folder / file.name)


# Measurement


def interpreter_of(exported: bytes) -> tf.lite.Interpreter:
    """An interpreter with the reference kernels, the arithmetic that Dovetail follows."""
    interpreter = tf.lite.Interpreter(
        model_content=exported,
        experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    return interpreter


def quantize_images(exported: bytes, images: np.ndarray) -> np.ndarray:
    """Images in the model's input type: q = round(x / scale) + zeroPoint."""
    scale, zero_point = interpreter_of(exported).get_input_details()[0]["quantization"]
    return np.clip(np.round(images / scale) + zero_point, -128, 127).astype(np.int8)


def probabilities_of_float(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """The float model's output [n, 10]."""
    return model.predict(images, batch_size=500, verbose=0)


def probabilities_of_int8(exported: bytes, images: np.ndarray) -> np.ndarray:
    """The exported model's output [n, 10], one image at a time."""
    interpreter = interpreter_of(exported)
    image = interpreter.get_input_details()[0]["index"]
    output = interpreter.get_output_details()[0]["index"]
    results = np.empty((len(images), CLASSES), np.int8)
    for result, pixels in zip(results, images):
        interpreter.set_tensor(image, pixels[np.newaxis])
        interpreter.invoke()
        result[:] = interpreter.get_tensor(output)[0]
    return results


def print_accuracy(title: str, probabilities: np.ndarray, labels: np.ndarray) -> None:
    """Prints top-1 accuracy on all images and on the released ones; a tie goes to the first."""
    correct = probabilities.argmax(axis=1) == labels
    released = correct[:RELEASED_IMAGES]
    print(f"{title} accuracy: {correct.mean():.2%} of {len(correct):,} test images, "
          f"{released.mean():.2%} of the first {len(released)}")


def print_operators(exported: bytes) -> None:
    """Prints kind and shapes of every operator of the exported file, and how much work it is."""
    model = flatbuffer_utils.read_model_from_bytearray(bytearray(exported))
    [graph] = model.subgraphs
    parameters = macs = 0
    for operator in graph.operators:
        kind = operator_kind(model, operator)
        operands = [shape_of(graph, index) for index in operator.inputs]
        output = graph.tensors[operator.outputs[0]]
        print(f"{kind:17}  {output.name.decode():19}  {', '.join(map(str, operands))} -> "
              f"{shape_of(graph, operator.outputs[0])}")
        if len(operands) == 3:  # image, weights, bias
            parameters += math.prod(operands[1]) + math.prod(operands[2])
            macs += math.prod(operands[1]) * math.prod(output.shape) // operands[2][0]
    print(f"{parameters:,} parameters, {macs:,} MACs, {len(exported):,} bytes")


def shape_of(graph: schema.SubGraphT, index: int) -> list[int]:
    """The shape of a tensor of the exported file."""
    return [int(size) for size in graph.tensors[index].shape]


if __name__ == "__main__":
    main()
