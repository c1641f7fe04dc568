// SPDX-License-Identifier: Apache-2.0
//
// The kinds of snapshots, each in a file of its name.
#pragma once

#include "snapshots/snapshot_kind.h"

namespace outrider {

extern const SnapshotKind kFileSnapshot;
extern const SnapshotKind kSocketSnapshot;
extern const SnapshotKind kMountSnapshot;
extern const SnapshotKind kModuleSnapshot;
extern const SnapshotKind kBpfSnapshot;

}  // namespace outrider
