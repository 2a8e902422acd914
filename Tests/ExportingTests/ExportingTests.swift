import Testing

import Exporting
