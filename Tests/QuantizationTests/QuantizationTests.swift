import Testing

import Quantization
