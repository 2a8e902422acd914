import Support

/// Goes through samples on several threads, each of which has a machine of its own.
public enum SampleLoop {
  /// Calls `body` for each sample on one of the machines, and `take` with what it gives, in the order of the samples.
  ///
  /// Memory does not grow with the number of samples, and results do not depend on that of machines.
  ///
  /// - Parameters:
  ///   - machines: what a thread needs for itself, such as a model with its memory; there is one at least.
  ///   - body: is called on several threads at once, but never twice at a time with one machine.
  ///   - take: is called on the thread of the caller.
  /// - Throws: what `body` or `take` throws first, in the order of the samples.
  public static func run<Machine, Result: Sendable>(
    _ count: Int, on machines: [Machine], progress: ProgressLine = .silent,
    _ body: @Sendable (Machine, Int) throws -> Result, take: (Result) throws -> Void
  ) throws {
    defer { progress.finish() }
    let machines = Unshared(machines)
    for start in stride(from: 0, to: count, by: machines.all.count) {
      let round = Round<Result>(min(machines.all.count, count - start))
      Workers(count: round.count).split(round.count) { part in
        for place in part {
          round.set(place, Swift.Result { try body(machines.all[place], start + place) })
        }
      }
      for result in round.results { try take(result.get()) }
      progress.advance(by: round.count)
    }
  }

  /// Machines that cross into worker threads, each into one at a time.
  private struct Unshared<Machine>: @unchecked Sendable {
    let all: [Machine]

    init(_ all: [Machine]) { self.all = all }
  }

  /// A sample for each machine. A class because its threads write into it, each at a place of its own.
  private final class Round<Result: Sendable>: @unchecked Sendable {
    let count: Int
    private let places: UnsafeMutablePointer<Swift.Result<Result, any Error>?>

    init(_ count: Int) {
      self.count = count
      places = .allocate(capacity: count)
      places.initialize(repeating: nil, count: count)
    }

    deinit {
      places.deinitialize(count: count)
      places.deallocate()
    }

    func set(_ place: Int, _ result: Swift.Result<Result, any Error>) { places[place] = result }

    var results: [Swift.Result<Result, any Error>] { (0..<count).compactMap { places[$0] } }
  }
}
