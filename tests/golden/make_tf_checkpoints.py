#!/usr/bin/env python3
"""Checkpoints written by TensorFlow itself, for the tests of the readers; run by hand.

    python3 tests/golden/make_tf_checkpoints.py             writes tests/data/checkpoints/tf/
    python3 tests/golden/make_tf_checkpoints.py --full DIR  the TF-Slim graphs at full size: see docs/tensorflow.md

Needs tensorflow-cpu 2.12.1, tf-slim 1.1.0 and NumPy below 1.24 (newer TensorFlow does not work with tf-slim).
"""
import argparse
import json
import os
import pathlib
import tarfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
import tf_slim as slim
from tf_slim.nets import inception_v3, resnet_v2

v1 = tf.compat.v1
v1.disable_eager_execution()
assert tf.__version__ == "2.12.1", "other versions write other files"
HERE = pathlib.Path(__file__).resolve().parent.parent / "data/checkpoints/tf"
SAVER = {"v1": v1.train.SaverDef.V1, "v2": v1.train.SaverDef.V2}


def tiny_values():
    """Every type that is read, in C order; enough rows of text keys that a table has several blocks."""
    values = {
        "InceptionV3/Conv2d_1a_3x3/weights": np.arange(3 * 3 * 3 * 32, dtype=np.float32).reshape(3, 3, 3, 32),
        "types/double": np.linspace(-1, 1, 7).reshape(7, 1),
        "types/half": np.linspace(-2, 2, 9).astype(np.float16).reshape(3, 3),
        "types/int32": np.array([[-2**31, 2**31 - 1], [0, 5]], dtype=np.int32),
        "types/int64": np.array([-2**63, 2**63 - 1, 7], dtype=np.int64),
        "types/uint8": np.arange(250, 256, dtype=np.uint8),
        "types/int8": np.arange(-3, 3, dtype=np.int8),
        "types/int16": np.array([-2**15, 2**15 - 1], dtype=np.int16),
        "types/bool": np.array([True, False, True]),
        "global_step": np.array(7, dtype=np.int64),
        "zeros": np.zeros((64, 64), dtype=np.float32),  # snappy packs these well
    }
    for i in range(40):
        values[f"many/variable_{i:02d}"] = np.full((2, 3), i / 8, dtype=np.float32)
    return values


def save(values, form, path, shards=False):
    """One checkpoint; with shards: two devices, one file each."""
    with tf.Graph().as_default():
        for i, (name, value) in enumerate(values.items()):
            with tf.device("/cpu:%d" % (i % 2 if shards else 0)):
                v1.get_variable(name, initializer=tf.constant(value), trainable=False)
        with v1.Session(config=v1.ConfigProto(device_count={"CPU": 2})) as session:
            session.run(v1.global_variables_initializer())
            v1.train.Saver(sharded=shards, write_version=SAVER[form]).save(
                session, str(path), write_meta_graph=False, write_state=False)


def tiny():
    HERE.mkdir(parents=True, exist_ok=True)
    values = tiny_values()
    save(values, "v1", HERE / "tiny_v1.ckpt")
    save(values, "v2", HERE / "tiny_v2.ckpt")
    save(values, "v2", HERE / "tiny_sharded.ckpt", shards=True)
    with tf.Graph().as_default():  # a variable kept in two parts
        v1.get_variable("parted", initializer=tf.constant(np.arange(20, dtype=np.float32).reshape(10, 2)),
                        partitioner=v1.fixed_size_partitioner(2))
        with v1.Session() as session:
            session.run(v1.global_variables_initializer())
            for form in SAVER:
                v1.train.Saver(write_version=SAVER[form]).save(
                    session, str(HERE / f"parted_{form}.ckpt"), write_meta_graph=False, write_state=False)
    expected = {name: {"dtype": str(value.dtype), "shape": list(value.shape), "values": value.flatten().tolist()}
                for name, value in values.items()}
    (HERE / "tiny.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n", encoding="utf-8")
    lines = []
    for build in GRAPHS.values():
        with tf.Graph().as_default():
            build(1001, False)
            lines += [f"{v.op.name} {'x'.join(map(str, v.shape.as_list()))}" for v in v1.global_variables()]
    (HERE / "slim_variables.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def graph_v3(classes, training):
    x = v1.placeholder(tf.float32, [None, 299, 299, 3])
    with slim.arg_scope(inception_v3.inception_v3_arg_scope()):
        logits, ends = inception_v3.inception_v3(x, num_classes=classes, is_training=training)
    return x, logits, ends["AuxLogits"]


def chain(net, branch, layers):
    """A branch: (scope, outputs, kernel) in order; "/2" behind a scope: stride 2 without padding."""
    with v1.variable_scope(branch):
        for scope, outputs, kernel in layers:
            reduces = scope.endswith("/2")
            net = slim.conv2d(net, outputs, kernel, stride=2 if reduces else 1,
                              padding="VALID" if reduces else "SAME", scope=scope.removesuffix("/2"))
    return net


def residual(net, scope, branches, scale, activate=True):
    with v1.variable_scope(scope):
        joined = tf.concat([chain(net, f"Branch_{i}", layers) for i, layers in enumerate(branches)], 3)
        up = slim.conv2d(joined, net.shape[3], 1, normalizer_fn=None, activation_fn=None, scope="Conv2d_1x1")
        net = net + scale * up
        return tf.nn.relu(net) if activate else net


def graph_resnet(classes, training):
    """Inception-ResNet v2 with TF-Slim's variable names: tf-slim 1.1.0 has no such graph."""
    one, two = "Conv2d_0a_1x1", "Conv2d_0b_3x3"
    block35 = [[("Conv2d_1x1", 32, 1)], [(one, 32, 1), (two, 32, 3)],
               [(one, 32, 1), (two, 48, 3), ("Conv2d_0c_3x3", 64, 3)]]
    block17 = [[("Conv2d_1x1", 192, 1)],
               [(one, 128, 1), ("Conv2d_0b_1x7", 160, [1, 7]), ("Conv2d_0c_7x1", 192, [7, 1])]]
    block8 = [[("Conv2d_1x1", 192, 1)],
              [(one, 192, 1), ("Conv2d_0b_1x3", 224, [1, 3]), ("Conv2d_0c_3x1", 256, [3, 1])]]
    x = v1.placeholder(tf.float32, [None, 299, 299, 3])
    with slim.arg_scope(inception_v3.inception_v3_arg_scope()), slim.arg_scope(
            [slim.batch_norm], is_training=training), v1.variable_scope("InceptionResnetV2"):
        net = slim.conv2d(x, 32, 3, stride=2, padding="VALID", scope="Conv2d_1a_3x3")
        net = slim.conv2d(net, 32, 3, padding="VALID", scope="Conv2d_2a_3x3")
        net = slim.max_pool2d(slim.conv2d(net, 64, 3, scope="Conv2d_2b_3x3"), 3, stride=2)
        net = slim.conv2d(net, 80, 1, padding="VALID", scope="Conv2d_3b_1x1")
        net = slim.max_pool2d(slim.conv2d(net, 192, 3, padding="VALID", scope="Conv2d_4a_3x3"), 3, stride=2)
        with v1.variable_scope("Mixed_5b"):
            pool = slim.avg_pool2d(net, 3, stride=1, padding="SAME")
            net = tf.concat([chain(net, "Branch_0", [("Conv2d_1x1", 96, 1)]),
                             chain(net, "Branch_1", [(one, 48, 1), ("Conv2d_0b_5x5", 64, 5)]),
                             chain(net, "Branch_2", [(one, 64, 1), (two, 96, 3), ("Conv2d_0c_3x3", 96, 3)]),
                             chain(pool, "Branch_3", [("Conv2d_0b_1x1", 64, 1)])], 3)
        for i in range(10):
            net = residual(net, f"Repeat/block35_{i + 1}", block35, 0.17)
        with v1.variable_scope("Mixed_6a"):
            net = tf.concat([chain(net, "Branch_0", [("Conv2d_1a_3x3/2", 384, 3)]),
                             chain(net, "Branch_1", [(one, 256, 1), (two, 256, 3), ("Conv2d_1a_3x3/2", 384, 3)]),
                             slim.max_pool2d(net, 3, stride=2)], 3)
        for i in range(20):
            net = residual(net, f"Repeat_1/block17_{i + 1}", block17, 0.10)
        with v1.variable_scope("AuxLogits"):
            aux = slim.avg_pool2d(net, 5, stride=3, padding="VALID")
            aux = slim.conv2d(aux, 128, 1, scope="Conv2d_1b_1x1")
            aux = slim.conv2d(aux, 768, aux.shape[1:3], padding="VALID", scope="Conv2d_2a_5x5")
            aux = slim.fully_connected(slim.flatten(aux), classes, activation_fn=None, scope="Logits")
        with v1.variable_scope("Mixed_7a"):
            net = tf.concat([chain(net, "Branch_0", [(one, 256, 1), ("Conv2d_1a_3x3/2", 384, 3)]),
                             chain(net, "Branch_1", [(one, 256, 1), ("Conv2d_1a_3x3/2", 288, 3)]),
                             chain(net, "Branch_2", [(one, 256, 1), (two, 288, 3), ("Conv2d_1a_3x3/2", 320, 3)]),
                             slim.max_pool2d(net, 3, stride=2)], 3)
        for i in range(9):
            net = residual(net, f"Repeat_2/block8_{i + 1}", block8, 0.20)
        net = residual(net, "Block8", block8, 1.0, activate=False)
        net = slim.conv2d(net, 1536, 1, scope="Conv2d_7b_1x1")
        with v1.variable_scope("Logits"):
            net = slim.flatten(slim.avg_pool2d(net, net.shape[1:3], padding="VALID"))
            logits = slim.fully_connected(net, classes, activation_fn=None, scope="Logits")
    return x, logits, aux


def side_by_side(net, scope, branches, pool=None):
    """Branches joined by channels; pool: the last branch's input, or "max" for a last branch of its own."""
    with v1.variable_scope(scope):
        parts = []
        for i, layers in enumerate(branches):
            last = i + 1 == len(branches) and pool == "average"
            parts.append(chain(slim.avg_pool2d(net, 3, stride=1, padding="SAME") if last else net, f"Branch_{i}", layers))
        if pool == "max":
            parts.append(slim.max_pool2d(net, 3, stride=2))
        return tf.concat(parts, 3)


def spread(net, branch, layers, wide, high):
    """8x8 blocks of v4: a chain, then 1x3 and 3x1 beside each other."""
    net = chain(net, branch, layers)
    return [chain(net, branch, [(wide, 256, [1, 3])]), chain(net, branch, [(high, 256, [3, 1])])]


def graph_v4(classes, training):
    """Inception v4 with TF-Slim's variable names, after the paper: tf-slim 1.1.0 has no such graph."""
    one, two, three = "Conv2d_0a_1x1", "Conv2d_0b_3x3", "Conv2d_0c_3x3"
    x = v1.placeholder(tf.float32, [None, 299, 299, 3])
    with slim.arg_scope(inception_v3.inception_v3_arg_scope()), slim.arg_scope(
            [slim.batch_norm], is_training=training), v1.variable_scope("InceptionV4"):
        net = slim.conv2d(x, 32, 3, stride=2, padding="VALID", scope="Conv2d_1a_3x3")
        net = slim.conv2d(net, 32, 3, padding="VALID", scope="Conv2d_2a_3x3")
        net = slim.conv2d(net, 64, 3, scope="Conv2d_2b_3x3")
        with v1.variable_scope("Mixed_3a"):
            net = tf.concat([slim.max_pool2d(net, 3, stride=2), chain(net, "Branch_1", [("Conv2d_0a_3x3/2", 96, 3)])], 3)
        with v1.variable_scope("Mixed_4a"):
            left = chain(net, "Branch_0", [(one, 64, 1)])
            right = chain(net, "Branch_1", [(one, 64, 1), ("Conv2d_0b_1x7", 64, [1, 7]), ("Conv2d_0c_7x1", 64, [7, 1])])
            with v1.variable_scope("Branch_0"):
                left = slim.conv2d(left, 96, 3, padding="VALID", scope="Conv2d_1a_3x3")
            with v1.variable_scope("Branch_1"):
                right = slim.conv2d(right, 96, 3, padding="VALID", scope="Conv2d_1a_3x3")
            net = tf.concat([left, right], 3)
        net = side_by_side(net, "Mixed_5a", [[("Conv2d_1a_3x3/2", 192, 3)]], "max")
        for letter in "bcde":
            net = side_by_side(net, f"Mixed_5{letter}", [
                [(one, 96, 1)], [(one, 64, 1), (two, 96, 3)], [(one, 64, 1), (two, 96, 3), (three, 96, 3)],
                [("Conv2d_0b_1x1", 96, 1)]], "average")
        net = side_by_side(net, "Mixed_6a", [[("Conv2d_1a_3x3/2", 384, 3)],
                                             [(one, 192, 1), (two, 224, 3), ("Conv2d_1a_3x3/2", 256, 3)]], "max")
        for letter in "bcdefgh":
            net = side_by_side(net, f"Mixed_6{letter}", [
                [(one, 384, 1)], [(one, 192, 1), ("Conv2d_0b_1x7", 224, [1, 7]), ("Conv2d_0c_7x1", 256, [7, 1])],
                [(one, 192, 1), ("Conv2d_0b_7x1", 192, [7, 1]), ("Conv2d_0c_1x7", 224, [1, 7]),
                 ("Conv2d_0d_7x1", 224, [7, 1]), ("Conv2d_0e_1x7", 256, [1, 7])],
                [("Conv2d_0b_1x1", 128, 1)]], "average")
        with v1.variable_scope("AuxLogits"):
            aux = slim.avg_pool2d(net, 5, stride=3, padding="VALID")
            aux = slim.conv2d(aux, 128, 1, scope="Conv2d_1b_1x1")
            aux = slim.conv2d(aux, 768, aux.shape[1:3], padding="VALID", scope="Conv2d_2a")
            aux = slim.fully_connected(slim.flatten(aux), classes, activation_fn=None, scope="Aux_logits")
        net = side_by_side(net, "Mixed_7a", [
            [(one, 192, 1), ("Conv2d_1a_3x3/2", 192, 3)],
            [(one, 256, 1), ("Conv2d_0b_1x7", 256, [1, 7]), ("Conv2d_0c_7x1", 320, [7, 1]),
             ("Conv2d_1a_3x3/2", 320, 3)]], "max")
        for letter in "bcd":
            with v1.variable_scope(f"Mixed_7{letter}"):
                pool = slim.avg_pool2d(net, 3, stride=1, padding="SAME")
                net = tf.concat(
                    [chain(net, "Branch_0", [(one, 256, 1)])]
                    + spread(net, "Branch_1", [(one, 384, 1)], "Conv2d_0b_1x3", "Conv2d_0c_3x1")
                    + spread(net, "Branch_2", [(one, 384, 1), ("Conv2d_0b_3x1", 448, [3, 1]),
                                               ("Conv2d_0c_1x3", 512, [1, 3])], "Conv2d_0d_1x3", "Conv2d_0e_3x1")
                    + [chain(pool, "Branch_3", [("Conv2d_0b_1x1", 256, 1)])], 3)
        with v1.variable_scope("Logits"):
            net = slim.flatten(slim.avg_pool2d(net, net.shape[1:3], padding="VALID"))
            logits = slim.fully_connected(net, classes, activation_fn=None, scope="Logits")
    return x, logits, aux


def graph_resnet_v2(depth):
    """TF-Slim's own, of 50, 101 or 152 layers; it has no auxiliary head."""
    def graph(classes, training):
        x = v1.placeholder(tf.float32, [None, 299, 299, 3])
        with slim.arg_scope(resnet_v2.resnet_arg_scope()):
            logits, _ = getattr(resnet_v2, f"resnet_v2_{depth}")(x, classes, is_training=training)
        return x, logits, None
    return graph


GRAPHS = {"inception-v3": graph_v3, "inception-resnet-v2": graph_resnet, "inception-v4": graph_v4,
          **{f"resnet-v2-{depth}": graph_resnet_v2(depth) for depth in (50, 101, 152)}}


def full(folder):
    """The graphs with random weights as V1, V2 and tar.gz, one input, and what TensorFlow makes of it."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.RandomState(2017)
    picture = random.uniform(-1, 1, (1, 299, 299, 3)).astype(np.float32)
    np.ascontiguousarray(picture.transpose(0, 3, 1, 2)).tofile(folder / "input.f32")  # NCHW
    for name, build in GRAPHS.items():
        with tf.Graph().as_default(), v1.Session() as session:
            x, logits, aux = build(1001, False)
            for variable in v1.global_variables():
                shape = variable.shape.as_list()
                last = variable.op.name.rsplit("/", 1)[-1]
                if last == "weights":
                    value = random.normal(0, np.sqrt(2 / np.prod(shape[:-1])), shape)
                    if variable.op.name.endswith("bottleneck_v2/conv3/weights"):
                        value /= 4  # else the sum of up to 50 units grows beyond any real one
                elif last == "gamma":
                    value = random.uniform(0.9, 1.1, shape)
                elif last == "moving_variance":
                    value = random.uniform(0.75, 1.25, shape)
                else:
                    value = random.uniform(-0.1, 0.1, shape)
                variable.load(value.astype(np.float32), session)
            for form in SAVER:
                v1.train.Saver(write_version=SAVER[form]).save(
                    session, str(folder / f"{name}.{form}.ckpt"), write_meta_graph=False, write_state=False)
            with tarfile.open(folder / f"{name}.tar.gz", "w:gz", compresslevel=1) as archive:
                archive.add(folder / f"{name}.v1.ckpt", arcname=f"{name}.ckpt")
            for kind, tensor in (("logits", logits), ("aux", aux)) if aux is not None else (("logits", logits),):
                value = session.run(tensor, {x: picture})
                value.astype(np.float32).tofile(folder / f"{name}.{kind}.f32")
                print(name, kind, "largest", np.abs(value).max())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", type=pathlib.Path, metavar="DIR")
    options = parser.parse_args()
    if options.full:
        full(options.full)
    else:
        tiny()


if __name__ == "__main__":
    main()
