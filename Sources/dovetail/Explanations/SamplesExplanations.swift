import Support

extension Explanation {
  /// Samples for calibration and accuracy: files, images, labels, and what becomes of them.
  static let samples: [Explanation] = [
    Explanation(
      "ambiguous-layout",
      """
      An image has its channels last (NHWC) or first (NCHW), and which of both a model wants is
      read off the shape of its input: the axis that has 1 or 3 indices holds the channels. Here
      both the first and the last axis of the image have 1 or 3, so either could be meant, and
      a wrong guess would give plausible wrong results.

      Add the layout to the preprocessing: `--preprocess layout=nchw`, or `layout=nhwc`.
      """),
    Explanation(
      "damaged-archive",
      """
      A `.npz` file is a ZIP archive of `.npy` files. Its directory, which stands at the end, is
      missing, or names members where there are none, or a member does not inflate to the number of
      bytes and the checksum that the directory gives. Usually the file was not copied or
      downloaded to its end.

      Write the file again with `numpy.savez`. `python3 -m zipfile -t FILE` tests it.
      """),
    Explanation(
      "damaged-image",
      """
      The file has the ending of an image, but its bytes are none, or break off. Images are PNG,
      JPEG, and binary PPM and PGM (`P6`, `P5`); which of them is told by the first bytes, not
      by the ending. A JPEG file that ends early is refused as well, although many programs
      show the missing part in gray: a model would see that gray, too.

      Fetch the image again, or move it out of the folder.
      """),
    Explanation(
      "image-colors",
      """
      The image stores colors for printing (CMYK or YCCK), or others that have no fixed meaning as
      red, green and blue. Converting them well takes the color profile of the printer, and other
      programs convert them in different ways.

      Convert the image to RGB with the program that you train with, so that the model sees
      the same numbers.
      """),
    Explanation(
      "image-input",
      """
      Images can be read for an input of shape [1, height, width, channels], [1, channels, height,
      width], the same without the 1, or [height, width] for gray, with 1 or 3 channels. This
      input has another shape, so it takes something else, or several images at once.

      Give the input a batch of 1 with `--shape`, or prepare the samples as an array: a `.npy` file
      whose first axis counts the samples.
      """),
    Explanation(
      "label-type",
      """
      Labels are indices of classes among the model's outputs: whole numbers from 0 on, one for each
      sample. This file holds a negative number, a fraction or one that is not finite. Labels
      that begin with 1 are no error that could be seen, but they give an accuracy near 0.

      Save `labels.astype("int64")`, with classes counted from 0; turn one-hot labels into indices
      with `labels.argmax(axis=1)`.
      """),
    Explanation(
      "large-image",
      """
      Images of more than 16384 pixels along a side, or of more than 256 million in all, are not
      decoded, nor those for which memory does not suffice. A few bytes can claim any size, so
      this is also what a damaged file may look like.

      Scale the image down first: a model reads a few hundred pixels along each side.
      """),
    Explanation(
      "no-images",
      """
      The folder holds no file that ends in .png, .jpg, .jpeg, .ppm or .pgm (in small or capital
      letters), and neither do the folders in it. Only one level of folders is searched: each of
      them is a class, whose index among all folders, sorted by the bytes of their names, is
      the label. Names that begin with a dot are left aside.

      Check the path; convert images of other kinds; give arrays as a `.npy` or `.npz` file.
      """),
    Explanation(
      "no-samples",
      """
      Ranges and accuracy are found by running the model on samples, and there is none: the first
      axis of the array has no indices, the number asked for is 0, or an input of the model was
      given nothing at all. Each input needs data, because invented numbers would give
      invented ranges.

      Check the file with `numpy.load(FILE).shape`. For a model with several inputs give `NAME=FILE`
      for each, or one `.npz` file with an array for each; `dovetail inspect MODEL` lists them.
      """),
    Explanation(
      "no-such-array",
      """
      Arrays in a `.npz` file are matched with inputs by their names. The archive has no array of
      this input's name, or there are several and no name to choose by. `numpy.savez(f, array)`
      calls it `arr_0`; `numpy.savez(f, x=array)` calls it `x`. An archive with a single array
      needs no name.

      Save with the names of the inputs, which `dovetail inspect MODEL` lists:
      `numpy.savez(f, **{"serving_default_x:0": array})`.
      """),
    Explanation(
      "non-finite-sample",
      """
      A sample holds an infinite number or NaN. No range could contain it, and what a model
      computes from it says nothing about real data. Samples are counted from 0, and so are
      positions, in the order in which the numbers of a sample lie in the file.

      Find such samples with `~numpy.isfinite(x).reshape(len(x), -1).all(axis=1)`; often a division
      by a standard deviation of 0 made them.
      """),
    Explanation(
      "non-finite-value",
      """
      While the model ran on a sample, a value inside it became infinite or NaN. Integers cannot
      stand for such numbers, and no range would contain them. The float model itself goes wrong on
      this sample, perhaps because the sample is not preprocessed as in training, or because a
      number beyond 65504 was stored in float16.

      `dovetail run MODEL --all-values --output-dir DIR` writes all values; look for the first one
      that is not finite.
      """),
    Explanation(
      "preprocessing",
      """
      Preprocessing is written as one text, `KEY=VALUE` with commas between: `resize=bilinear` or
      `bicubic` (without antialiasing); `crop=0.875`, the part that is kept of the largest box in
      the middle that has the input's aspect ratio; `mean` and `scale` (or `std`), for
      `(number - mean) / scale`, one number or one per channel with colons, on a range of 0 to 255
      for images; `channels=rgb` or `bgr`; `layout=nhwc` or `nchw`.

      The usual preprocessing of ImageNet in PyTorch is `--preprocess
      resize=bilinear,crop=0.875,mean=123.675:116.28:103.53,std=58.395:57.12:57.375`.
      """),
    Explanation(
      "preprocessing-channels",
      """
      `mean` and `scale` take one number for all channels, or one for each channel of the input, in
      its order: with `channels=bgr` the first is for blue. Here their number is neither.

      Count the numbers between the colons, and look at the input with `dovetail inspect MODEL`.
      """),
    Explanation(
      "range-method",
      """
      Calibration finds the range of each value by one of these methods: `min-max`, from the least
      number to the largest; `expected`, the same, but inputs reach as far as samples to come are
      expected to, two and a half deviations beyond the mean of the samples' extremes, unless
      several samples stop at the same number; `moving-average:0.01`, the same per sample, averaged; `percentile:99.99`,
      which leaves out the rarest; `mse`, with the least expected square of the error of rounding
      and clipping; `entropy`, with the least divergence of the distributions, after TensorRT.

      `expected` and `min-max` suit few samples, `mse` 4 bits and long tails. A percentage lies above 50 and up to
      100, the weight of an average above 0 and up to 1.
      """),
    Explanation(
      "sample-count",
      """
      A sample of a model with several inputs is one tensor for each. The files hold different
      numbers of samples, so some would be left without partners, and probably the files do not
      belong together.

      Compare `numpy.load(FILE).shape[0]` of all files.
      """),
    Explanation(
      "sample-shape",
      """
      The first axis of an array counts samples; the others must be the input's, but for axes of
      extent 1, such as that of a batch. 300 images for an input of [1, 28, 28, 1] have the shape
      [300, 28, 28], [300, 28, 28, 1] or [300, 1, 28, 28, 1]. Element types are converted, shapes are
      not: an array is never resized or transposed.

      Reshape the array, or transpose images between channels last and first:
      `numpy.transpose(x, (0, 3, 1, 2))`.
      """),
    Explanation(
      "unknown-data",
      """
      Samples are read from `.npy` files, from `.npz` archives of these, and from images or folders
      of images: .png, .jpg, .jpeg, .ppm and .pgm. What a file is, its ending tells.

      Convert other data with `numpy.save`.
      """),
    Explanation(
      "unsupported-archive",
      """
      The `.npz` file is of a kind that is not read: larger than 4 GiB or with more than 65534
      members (ZIP64), encrypted, or compressed by another method than deflation. NumPy writes
      large archives when arrays are large.

      Save large arrays each with `numpy.save`: such files are mapped, and take no memory beyond the
      sample that is being read.
      """),
  ]
}
