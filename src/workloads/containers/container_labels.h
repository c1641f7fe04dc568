// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "workloads/containers/container.h"

namespace outrider {

using Labels = std::vector<std::pair<std::string, std::string>>;

// Takes labels or annotations, whatever their order, and what the keys of Kubernetes and of the
// runtimes among them say: names of the pod, image, sandbox, privileged. What is known already
// stays. Too many and too long ones are left out.
void add_labels(Container& container, Labels labels, NameSource source);

// A name of an image, "sha256:..." or the bare digits of an id, each to where it belongs;
// "name@sha256:..." is both a name and a digest.
void add_image(Container& container, std::string_view text, NameSource source);

// Sets what is not known yet; not by nothing, nor by what is longer than kNameMax.
void set_if_unknown(SourcedText& text, std::string_view value, NameSource source);

}  // namespace outrider
