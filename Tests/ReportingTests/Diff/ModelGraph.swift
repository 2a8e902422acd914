import GraphIR
import Importing

/// The graphs of model files.
enum ModelGraph {
  static func read(_ path: String) throws -> Graph { try Model(path).graph }
}
