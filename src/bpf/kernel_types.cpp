// SPDX-License-Identifier: Apache-2.0
#include "bpf/kernel_types.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <unordered_set>
#include <utility>
#include <vector>

namespace outrider {

namespace {

// What stands behind "___" only tells apart several descriptions ("flavors") of one type:
// Documentation/bpf/libbpf/libbpf_overview.rst
std::string_view without_flavor(std::string_view name) {
  return name.substr(0, name.find("___", 1));
}

// Empty if it has none.
std::string_view name_of(const btf* types, const btf_type* type) {
  const char* name = btf__name_by_offset(types, type->name_off);
  return name == nullptr ? std::string_view() : without_flavor(name);
}

// What a relocation can begin with.
bool is_root(const btf_type* type) {
  return btf_is_composite(type) || btf_is_any_enum(type) || btf_is_typedef(type);
}

// Copies types with all that lies within them into another collection.
class Copier {
 public:
  Copier(const btf* from, btf* to) : from_(from), to_(to) {}

  // The number of the copy; 0 for void, negative if it could not be made.
  int copy(std::uint32_t id);

 private:
  int add(const btf_type* type);
  int add_array(const struct btf_array& array);
  int add_composite(const btf_type* type);
  int pointer();

  const btf* from_;
  btf* to_;
  int pointer_ = 0;
  std::unordered_map<std::uint32_t, int> copies_;
};

int Copier::copy(std::uint32_t id) {
  const btf_type* type = btf__type_by_id(from_, id);
  // Whether something is const or has another name does not matter to a relocation.
  while (type != nullptr && (btf_is_mod(type) || btf_is_typedef(type))) {
    id = type->type;
    type = btf__type_by_id(from_, id);
  }
  if (type == nullptr) return -EINVAL;
  if (btf_is_void(type)) return 0;
  if (btf_is_ptr(type)) return pointer();
  if (const auto found = copies_.find(id); found != copies_.end()) return found->second;
  const int made = add(type);
  copies_.emplace(id, made);
  return made;
}

int Copier::pointer() {
  if (pointer_ == 0) pointer_ = btf__add_ptr(to_, 0);
  return pointer_;
}

int Copier::add(const btf_type* type) {
  if (btf_is_array(type)) return add_array(*btf_array(type));
  if (btf_is_composite(type)) return add_composite(type);
  // Numbers and enumerations refer to no other type. Functions lie only behind pointers.
  if (btf_is_int(type) || btf_is_float(type) || btf_is_any_enum(type) || btf_is_fwd(type)) {
    return btf__add_type(to_, from_, type);
  }
  return -EINVAL;
}

int Copier::add_array(const struct btf_array& array) {
  const int index = copy(array.index_type);
  const int element = copy(array.type);
  return std::min(index, element) < 0 ? std::min(index, element)
                                      : btf__add_array(to_, index, element, array.nelems);
}

int Copier::add_composite(const btf_type* type) {
  const std::span<const btf_member> members(btf_members(type), btf_vlen(type));
  // First what it consists of: members are added to the type that was added last.
  std::vector<int> types;
  types.reserve(members.size());
  for (const btf_member& member : members) {
    types.push_back(copy(member.type));
    if (types.back() < 0) return types.back();
  }
  const char* name = btf__name_by_offset(from_, type->name_off);
  const int made = btf_is_struct(type) ? btf__add_struct(to_, name, type->size)
                                       : btf__add_union(to_, name, type->size);
  for (std::uint32_t i = 0; made > 0 && i < members.size(); ++i) {
    const int error =
        btf__add_field(to_, btf__name_by_offset(from_, members[i].name_off), types[i],
                       btf_member_bit_offset(type, i), btf_member_bitfield_size(type, i));
    if (error != 0) return error;
  }
  return made;
}

}  // namespace

KernelTypes::KernelTypes() : KernelTypes(Btf(btf__load_vmlinux_btf())) {}

KernelTypes::KernelTypes(Btf types) : types_(std::move(types)) {
  if (!types_) return;
  constexpr std::size_t kUsual = 30'000;
  roots_.reserve(kUsual);
  for (std::uint32_t id = 1; id < btf__type_cnt(types_.get()); ++id) {
    const btf_type* type = btf__type_by_id(types_.get(), id);
    if (is_root(type) && type->name_off != 0) roots_.emplace(name_of(types_.get(), type), id);
  }
}

bool KernelTypes::has_name(std::string_view name) const {
  if (!types_) return false;
  std::uint32_t size = 0;
  const auto* bytes = static_cast<const char*>(btf__raw_data(types_.get(), &size));
  btf_header header{};
  if (bytes == nullptr || size < sizeof(header)) return false;
  std::memcpy(&header, bytes, sizeof(header));
  // Strings are NUL-terminated, and the first is the empty one.
  const std::string_view strings(bytes + header.hdr_len + header.str_off, header.str_len);
  return strings.find(fmt::format("{0}{1}{0}", '\0', name)) != std::string_view::npos;
}

std::size_t KernelTypes::tracepoint_arguments(std::string_view tracepoint) const {
  if (!types_) return 0;
  const int id = btf__find_by_name_kind(
      types_.get(), fmt::format("btf_trace_{}", tracepoint).c_str(), BTF_KIND_TYPEDEF);
  const btf_type* type = btf__type_by_id(types_.get(), static_cast<std::uint32_t>(std::max(id, 0)));
  while (type != nullptr && (btf_is_typedef(type) || btf_is_ptr(type))) {
    type = btf__type_by_id(types_.get(), type->type);
  }
  // The first of the callback that it is declared with is its data, which programs do not get.
  if (type == nullptr || !btf_is_func_proto(type) || btf_vlen(type) == 0) return 0;
  return btf_vlen(type) - 1u;
}

std::uint32_t KernelTypes::structure(std::string_view name) const {
  const auto [begin, end] = roots_.equal_range(without_flavor(name));
  const auto found = std::find_if(begin, end, [this](const auto& root) {
    return btf_is_struct(btf__type_by_id(types_.get(), root.second));
  });
  return found == end ? 0 : found->second;
}

Btf KernelTypes::named_by(const btf* programs) const {
  if (!types_ || programs == nullptr) return nullptr;
  Btf made(btf__new_empty());
  if (!made) return nullptr;
  Copier copier(types_.get(), made.get());
  std::unordered_set<std::string_view> names;
  for (std::uint32_t id = 1; id < btf__type_cnt(programs); ++id) {
    const btf_type* type = btf__type_by_id(programs, id);
    const std::string_view name = is_root(type) ? name_of(programs, type) : std::string_view();
    if (name.empty() || !names.insert(name).second) continue;
    const auto [begin, end] = roots_.equal_range(name);
    for (auto root = begin; root != end; ++root) {
      const btf_type* wanted = btf__type_by_id(types_.get(), root->second);
      int copy = copier.copy(root->second);
      if (copy >= 0 && btf_is_typedef(wanted)) {
        copy =
            btf__add_typedef(made.get(), btf__name_by_offset(types_.get(), wanted->name_off), copy);
      }
      if (copy < 0) return nullptr;
    }
  }
  return made;
}

RelocationTypes::RelocationTypes() : file_(::memfd_create("outrider-types", MFD_CLOEXEC)) {
  if (file_.valid()) path_ = fmt::format("/proc/self/fd/{}", file_.get());
}

Result<void> RelocationTypes::write(const KernelTypes& types, const btf* programs) const {
  if (!file_.valid()) return {};
  if (types.empty()) {
    return fail(
        "read the kernel's types: /sys/kernel/btf/vmlinux is not there, or not as it should be; "
        "outrider needs a kernel with CONFIG_DEBUG_INFO_BTF");
  }
  const Btf needed = types.named_by(programs);
  if (!needed) return fail("put together the kernel's types that programs need: out of memory");
  std::uint32_t size = 0;
  const auto* bytes = static_cast<const char*>(btf__raw_data(needed.get(), &size));
  if (bytes == nullptr) return fail_errno("put together the kernel's types", errno);
  for (std::size_t written = 0; written < size;) {
    const ssize_t done = ::write(file_.get(), bytes + written, size - written);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return fail_errno("write the kernel's types", done == 0 ? ENOSPC : errno);
    written += static_cast<std::size_t>(done);
  }
  return {};
}

}  // namespace outrider
