import GraphIR

/// Every operator there is. A new one is a file, and a line here.
public enum Operators {
  public static let all = OperatorSet([
    Add.self,
    AveragePool2D.self,
    Conv2D.self,
    DepthwiseConv2D.self,
    FullyConnected.self,
    MaxPool2D.self,
    ReLU.self,
    ReLU6.self,
    Reshape.self,
    Softmax.self,
    Transpose.self,
  ])
}
