// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bpf/libbpf.h>

#include <memory>

namespace outrider {

struct LinkDeleter {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};

// A program that runs at its hook for as long as this lives (libbpf.h, bpf_link__destroy). Owned;
// not for several threads at once.
using Link = std::unique_ptr<bpf_link, LinkDeleter>;

}  // namespace outrider
