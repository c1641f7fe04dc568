// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the answer of a runtime's socket.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/require.h"
#include "workloads/containers/http_get.h"
#include "workloads/containers/http_source.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outrider;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto answer = parse_http(text)) {
    require(answer->status >= 0 && answer->status <= 999, "a status has three digits");
    require(text.find(answer->body) != std::string_view::npos, "the body is of the answer");
  }
  for (const auto& container : {read_docker_answer(text, "a"), read_podman_answer(text, "a")}) {
    if (!container) continue;
    require(container->id.text == "a", "it is about what was asked for");
    require(container->labels.size() <= kLabelsMax, "labels are bounded");
    require(container->name.text.size() <= kNameMax, "names are bounded");
  }
  return 0;
}
