import Support

extension Explanation {
  /// What `evaluate` measures, and what it is told to demand.
  static let evaluation: [Explanation] = [
    Explanation(
      "bad-evaluation",
      """
      `dovetail profile --accuracy FILE` shows how far each layer is from the same layer of
      another model. The file is what `dovetail evaluate MODEL --against OTHER --json FILE`
      wrote of the same model file: layers are found by their names and by the operators
      that they came from, and those of other models would be mixed up.

      Evaluate the model again, with `--against`, and give the new file.
      """),
    Explanation(
      "below-minimum",
      """
      `dovetail evaluate` was given a limit with `--minimum`, and the figure is lower: of
      accuracies in percent, of `sqnr` in dB, of `cosine` as it is. On a target, the figure
      of the simulation counts. The command ends with status 1, so that a script can tell.

      The figure has an interval: with few samples it may be lower by chance alone. Take more
      samples, or set the limit at the lower end of the interval that you accept.
      """),
    Explanation(
      "label-form",
      """
      What is known of each sample must have the form that the metric takes, with the
      samples along the first axis: `top1`, `top5` and `binary` take one integer for each
      sample; `mean-error` an array of the output's shape; `iou` and `mean-iou` a map of
      integers, [samples, height, width], with 255 for pixels that are not counted; `map`
      boxes [samples, n, 4] and classes [samples, n] in one `.npz` file, as `boxes` and
      `classes`, with class −1 where there are fewer boxes.

      Look at the shape and type of your labels, and choose the output that they belong to
      with `--output`.
      """),
    Explanation(
      "label-range",
      """
      A label is the index of a class among the elements of the output, counted from 0;
      `binary` knows 0 and 1 only. A larger one often means that labels are counted from 1,
      that the model has a class of its own for the background, or that another output has
      the classes.

      Shift the labels, or choose the output with `--output`.
      """),
    Explanation(
      "large-drop",
      """
      `dovetail evaluate --against OTHER --max-drop P` compares two models on the same
      samples, and the first is worse by more than `P` percentage points. The command ends
      with status 1, so that a script can tell.

      The report says on how many samples only one of the two is right, and in which
      interval the true drop lies. `--layers` shows where the models begin to differ: a
      layer that is far below the others by itself is the first to quantize with more bits,
      or with a scale for each channel.
      """),
    Explanation(
      "metric-output",
      """
      Some metrics need outputs of a certain form. `map` takes the first three outputs of a
      detector for boxes [1, n, 4], classes [1, n] and scores [1, n], as TFLite's
      `TFLite_Detection_PostProcess` gives them.

      Choose another metric, or evaluate a model that ends with the detections.
      """),
    Explanation(
      "no-such-output",
      """
      `--output NAME` chooses the output that is measured, by its name in the model file.
      `dovetail inspect MODEL` lists the outputs. Of the other model, the output of the same
      name is taken, or else the one at the same place.
      """),
    Explanation(
      "outputs-differ",
      """
      Two models can be compared where their outputs have equally many elements, in the same
      order. Here they have not: the models may be for different tasks, one may lack the
      last layers of the other, or give its outputs in another order.

      Choose an output that both have with `--output NAME`.
      """),
    Explanation(
      "simulation-differs",
      """
      A model gives the same bits on the CPU and on the simulated target: both follow the
      same arithmetic, and the simulator really computes tile by tile. Where outputs differ,
      a tile, an address or a dependency of the program is wrong, or a kernel is: this is a
      fault of Dovetail.

      `dovetail run MODEL --all-values --output-dir DIR`, once with and once without
      `--target`, shows the first value that differs. Please report it with the model.
      """),
  ]
}
