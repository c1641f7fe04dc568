// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstring>
#include <optional>

#include "base/path.h"
#include "events/decode.h"
#include "events/event.h"
#include "sensors/registry.h"
#include "syscalls/event_fields.h"
#include "syscalls/names.h"
#include "workloads/path_lookup.h"

namespace outrider {

namespace {

const wire_file& file_of(const Event& event) { return event.as<wire_file>(); }

// The argument of this type, if the call has one.
std::optional<std::uint64_t> argument(const Event& event, ArgumentType type) {
  const Call* call = call_of(event);
  if (call == nullptr) return std::nullopt;
  const int place = place_of(*call, type);
  if (place < 0) return std::nullopt;
  return file_of(event).arguments[place];
}

// Which of a record's two paths the event is about: the new name, if there are two.
wire_file_string main_path(const Event& event) {
  return file_of(event).strings[WIRE_FILE_PATH2].state != WIRE_STRING_MISSING ? WIRE_FILE_PATH2
                                                                              : WIRE_FILE_PATH;
}

// A path as given, made absolute without looking at any file.
Value absolute(const Event& event, wire_file_string path, wire_file_string base) {
  const wire_file& file = file_of(event);
  const Value given = text_of(file, path);
  if (given.kind != Value::Kind::kText || given.cut) return given;
  if (given.text.starts_with('/')) {
    return Value::of_text(join_lexically("", given.text, *event.arena));
  }
  const wire_string& start = file.strings[base];
  if (start.state != WIRE_STRING_WHOLE || start.flags & WIRE_PATH_PSEUDO) return Value::unknown();
  const std::string_view directory = turn_round(string_of(file, base), *event.arena);
  return Value::of_text(join_lexically(directory, given.text, *event.arena));
}

Value name_of(const Event& event) {
  const wire_file_string path = main_path(event);
  if (file_of(event).strings[path].state == WIRE_STRING_MISSING) {
    // By descriptor: there is no name but the object's own.
    return path_of(file_of(event), WIRE_FILE_OBJECT, *event.arena);
  }
  return absolute(event, path, path == WIRE_FILE_PATH2 ? WIRE_FILE_BASE2 : WIRE_FILE_BASE);
}

// How a call treats the end of its path.
enum class PathEnd {
  kTaken,     // as it is: the name is made or removed
  kFollowed,  // a symbolic link there is followed
  kNotFollowed,
};

PathEnd path_end_of(const Event& event) {
  const wire_u16 kind = event.header->kind;
  if (kind != WIRE_CHMOD && kind != WIRE_CHOWN && kind != WIRE_TRUNCATE) return PathEnd::kTaken;
  const Call* call = call_of(event);
  if (call != nullptr && call->name.starts_with("lchown")) return PathEnd::kNotFollowed;
  constexpr std::uint64_t kNoFollow = 0x100;  // AT_SYMLINK_NOFOLLOW
  const auto flags = argument(event, ArgumentType::kAtFlags);
  return flags && *flags & kNoFollow ? PathEnd::kNotFollowed : PathEnd::kFollowed;
}

enum class RealPathBy { kNobody, kKernel, kLookup };

struct RealPath {
  Value value;
  RealPathBy by = RealPathBy::kNobody;
};

RealPath find_real_path(const Event& event) {
  const wire_file& file = file_of(event);
  const Value object = path_of(file, WIRE_FILE_OBJECT, *event.arena);
  if (object.kind != Value::Kind::kMissing) return {object, RealPathBy::kKernel};
  if (file.result < 0 || event.header->kind == WIRE_OPEN) return {};

  // No descriptor to walk from. A plain name in a directory that the kernel has walked is
  // as good, if the call takes the name as it is.
  const wire_file_string path = main_path(event);
  const wire_file_string base = path == WIRE_FILE_PATH2 ? WIRE_FILE_BASE2 : WIRE_FILE_BASE;
  const Value given = text_of(file, path);
  if (given.kind != Value::Kind::kText || given.cut) return {Value::unknown()};
  const Value directory = path_of(file, base, *event.arena);
  const PathEnd end = path_end_of(event);
  std::string_view absolute_path = given.text;
  if (!given.text.starts_with('/')) {
    if (directory.kind != Value::Kind::kText || directory.cut) return {Value::unknown()};
    if (given.text.empty()) return {directory, RealPathBy::kKernel};  // AT_EMPTY_PATH
    // What is in no tree has nothing below it, and perhaps not even a name.
    if (file.strings[base].flags & WIRE_PATH_PSEUDO) return {Value::unknown()};
    char* out = event.arena->allocate(directory.text.size() + given.text.size() + 1);
    std::memcpy(out, directory.text.data(), directory.text.size());
    std::size_t size = directory.text.size();
    if (out[size - 1] != '/') out[size++] = '/';
    std::memcpy(out + size, given.text.data(), given.text.size());
    absolute_path = {out, size + given.text.size()};
    if (end == PathEnd::kTaken && given.text.find('/') == std::string_view::npos &&
        given.text != "." && given.text != "..") {
      return {Value::of_text(absolute_path), RealPathBy::kKernel};
    }
  }
  const auto found = event.lookup->find(*event.header, absolute_path, end == PathEnd::kTaken,
                                        end == PathEnd::kFollowed);
  if (!found) return {Value::unknown()};
  return {Value::of_text(event.arena->copy(*found)), RealPathBy::kLookup};
}

Value real_path_of(const Event& event) { return find_real_path(event).value; }

Value real_path_by(const Event& event) {
  switch (find_real_path(event).by) {
    case RealPathBy::kKernel:
      return Value::of_text("kernel");
    case RealPathBy::kLookup:
      return Value::of_text("lookup");
    case RealPathBy::kNobody:
      break;
  }
  return Value::missing();
}

Value mode_of(const Event& event) {
  const Call* call = call_of(event);
  if (call == nullptr) return Value::missing();
  const int how = place_of(*call, ArgumentType::kOpenHow);
  const int place = how >= 0 ? how + 1 : place_of(*call, ArgumentType::kMode);
  if (place < 0) return Value::missing();
  if (event.header->kind == WIRE_OPEN && call->name != "creat") {
    // Without these two the argument is whatever was in the register: open(2).
    constexpr std::uint64_t kCreates = 0100 | 020000000;
    const auto flags =
        how >= 0 ? file_of(event).arguments[how] : argument(event, ArgumentType::kOpenFlags);
    if (!flags || (*flags & kCreates) == 0) return Value::missing();
  }
  return Value::of_unsigned(file_of(event).arguments[place] & 07777);
}

Value flags_of(const Event& event) {
  const Call* call = call_of(event);
  if (call == nullptr) return Value::missing();
  if (call->name == "creat") return Value::of_text("O_WRONLY|O_CREAT|O_TRUNC");
  if (const int how = place_of(*call, ArgumentType::kOpenHow); how >= 0) {
    return Value::of_text(open_flag_names(file_of(event).arguments[how], *event.arena));
  }
  // All of these are int: the upper half of the register is not looked at by the kernel.
  if (const auto flags = argument(event, ArgumentType::kOpenFlags)) {
    return Value::of_text(open_flag_names(*flags & 0xffffffff, *event.arena));
  }
  if (const auto flags = argument(event, ArgumentType::kAtFlags)) {
    return Value::of_text(at_flag_names(*flags & 0xffffffff, *event.arena));
  }
  if (const auto flags = argument(event, ArgumentType::kRenameFlags)) {
    return Value::of_text(rename_flag_names(*flags & 0xffffffff, *event.arena));
  }
  return Value::missing();
}

Value owner_of(const Event& event, ArgumentType wide, ArgumentType narrow) {
  // Ids are unsigned; only the largest of each size is -1.
  const auto id_of = [](std::uint64_t argument, std::uint64_t largest) {
    const std::uint64_t id = argument & largest;
    return Value::of_signed(id == largest ? -1 : static_cast<std::int64_t>(id));
  };
  if (const auto id = argument(event, wide)) return id_of(*id, 0xffffffff);
  if (const auto id = argument(event, narrow)) return id_of(*id, 0xffff);
  return Value::missing();
}

// clang-format off: a table
constexpr FieldDescriptor kDescriptor{
    "fd.num", FieldType::kSigned, "", "the descriptor that was opened or given", "FD", 4,
    [](const Event& event) {
      if (event.header->kind == WIRE_OPEN) {
        const wire_u16 flags = event.header->flags;
        if (flags & WIRE_DIRECT_DESCRIPTOR) return Value::missing();
        if (flags & WIRE_RESULT_UNKNOWN) return Value::unknown();
        const std::int64_t result = file_of(event).result;
        return result < 0 ? Value::missing() : Value::of_signed(result);
      }
      if (const auto fd = argument(event, ArgumentType::kDescriptor)) {
        return Value::of_signed(static_cast<std::int32_t>(*fd & 0xffffffff));
      }
      return Value::missing();
    }};
constexpr FieldDescriptor kRawName{
    "fd.nameraw", FieldType::kPath, "", "the path as given", "NAMERAW", 24,
    [](const Event& event) { return text_of(file_of(event), main_path(event)); }};
constexpr FieldDescriptor kName{
    "fd.name", FieldType::kPath, "", "the path made absolute, without following links", "PATH",
    30, name_of};
constexpr FieldDescriptor kRealPath{
    "fd.realpath", FieldType::kPath, "", "the object's path as the kernel has it, if it succeeded",
    "REALPATH", 30, real_path_of};
constexpr FieldDescriptor kRealPathBy{
    "fd.realpath_by", FieldType::kText, "",
    "kernel: fd.realpath is the object's; lookup: looked up after the call", "BY", 6,
    real_path_by};
constexpr FieldDescriptor kInode{
    "fd.ino", FieldType::kUnsigned, "", "inode of the object", "INODE", 8,
    [](const Event& event) {
      if ((event.header->flags & WIRE_OBJECT_KNOWN) == 0) return Value::missing();
      return Value::of_unsigned(file_of(event).inode);
    }};
constexpr FieldDescriptor kDevice{
    "fd.dev", FieldType::kText, "", "device of the object, major:minor", "DEV", 7,
    [](const Event& event) {
      if ((event.header->flags & WIRE_OBJECT_KNOWN) == 0) return Value::missing();
      const std::uint32_t device = file_of(event).device;
      char* out = event.arena->allocate(24);
      // include/linux/kdev_t.h: MINORBITS is 20.
      char* end = fmt::format_to(out, "{}:{}", device >> 20, device & 0xfffff);
      return Value::of_text({out, static_cast<std::size_t>(end - out)});
    }};
constexpr FieldDescriptor kFlags{
    "evt.arg.flags", FieldType::kFlags, "", "flags of the call, by name", "FLAGS", 20, flags_of};
constexpr FieldDescriptor kMode{
    "evt.arg.mode", FieldType::kOctal, "", "permissions asked for", "MODE", 5, mode_of};
constexpr FieldDescriptor kSource{
    "fs.path.source", FieldType::kPath, "", "the old path, made absolute", "OLD", 30,
    [](const Event& event) { return absolute(event, WIRE_FILE_PATH, WIRE_FILE_BASE); }};
constexpr FieldDescriptor kRawSource{
    "fs.path.sourceraw", FieldType::kPath, "", "the old path as given", "OLDRAW", 24,
    [](const Event& event) { return text_of(file_of(event), WIRE_FILE_PATH); }};
constexpr FieldDescriptor kTarget{
    "evt.arg.target", FieldType::kPath, "", "what the symbolic link says", "TARGET", 24,
    [](const Event& event) { return text_of(file_of(event), WIRE_FILE_PATH); }};
constexpr FieldDescriptor kUser{
    "evt.arg.uid", FieldType::kSigned, "", "the new owner, -1 if unchanged", "OWNER", 6,
    [](const Event& event) {
      return owner_of(event, ArgumentType::kUser, ArgumentType::kUser16);
    }};
constexpr FieldDescriptor kGroup{
    "evt.arg.gid", FieldType::kSigned, "", "the new group, -1 if unchanged", "GROUP", 6,
    [](const Event& event) {
      return owner_of(event, ArgumentType::kGroup, ArgumentType::kGroup16);
    }};
constexpr FieldDescriptor kLength{
    "evt.arg.length", FieldType::kSigned, "bytes", "the new size", "LENGTH", 10,
    [](const Event& event) {
      const auto length = argument(event, ArgumentType::kSize);
      if (length && event.header->flags & WIRE_COMPAT) {
        return Value::of_signed(static_cast<std::int32_t>(*length));
      }
      if (length) return Value::of_signed(static_cast<std::int64_t>(*length));
      const auto low = argument(event, ArgumentType::kSizeLow);
      const auto high = argument(event, ArgumentType::kSizeHigh);
      if (!low || !high) return Value::missing();
      return Value::of_signed(static_cast<std::int64_t>(*high << 32 | (*low & 0xffffffff)));
    }};
// clang-format on

template <typename... Values>
Value format_value(const Event& event, fmt::format_string<Values...> format, Values&&... values) {
  fmt::memory_buffer text;
  fmt::format_to(std::back_inserter(text), format, std::forward<Values>(values)...);
  return Value::of_text(event.arena->copy({text.data(), text.size()}));
}

std::string_view shown(const Value& value) {
  return value.kind == Value::Kind::kText ? value.text : "?";
}

Value open_info(const Event& event) {
  return format_value(event, "{} {}", shown(name_of(event)), shown(flags_of(event)));
}
Value mode_info(const Event& event) {
  return format_value(event, "{} {:04o}", shown(name_of(event)), mode_of(event).unsigned_value);
}
Value two_paths_info(const Event& event) {
  return format_value(event, "{} -> {}", shown(kSource.read(event)), shown(name_of(event)));
}
Value symlink_info(const Event& event) {
  return format_value(event, "{} -> {}", shown(name_of(event)), shown(kTarget.read(event)));
}
Value owner_info(const Event& event) {
  return format_value(event, "{} {}:{}", shown(name_of(event)), kUser.read(event).signed_value,
                      kGroup.read(event).signed_value);
}
Value length_info(const Event& event) {
  return format_value(event, "{} {} bytes", shown(name_of(event)),
                      kLength.read(event).signed_value);
}

constexpr const FieldDescriptor* kOpenFields[] = {
    &kDescriptor, &kRawName, &kName, &kRealPath, &kRealPathBy, &kInode, &kDevice, &kFlags, &kMode};
constexpr const FieldDescriptor* kNameFields[] = {&kRawName, &kName, &kRealPath, &kRealPathBy};
constexpr const FieldDescriptor* kUnlinkFields[] = {&kRawName, &kName, &kRealPath, &kRealPathBy,
                                                    &kFlags};
constexpr const FieldDescriptor* kMkdirFields[] = {&kRawName, &kName, &kRealPath, &kRealPathBy,
                                                   &kMode};
constexpr const FieldDescriptor* kTwoPathFields[] = {
    &kRawName, &kName, &kRealPath, &kRealPathBy, &kSource, &kRawSource, &kFlags};
constexpr const FieldDescriptor* kSymlinkFields[] = {&kRawName, &kName, &kRealPath, &kRealPathBy,
                                                     &kTarget};
constexpr const FieldDescriptor* kChmodFields[] = {
    &kDescriptor, &kRawName, &kName, &kRealPath, &kRealPathBy, &kInode, &kDevice, &kFlags, &kMode};
constexpr const FieldDescriptor* kChownFields[] = {&kDescriptor, &kRawName, &kName,   &kRealPath,
                                                   &kRealPathBy, &kInode,   &kDevice, &kFlags,
                                                   &kUser,       &kGroup};
constexpr const FieldDescriptor* kTruncateFields[] = {&kDescriptor, &kRawName, &kName,   &kRealPath,
                                                      &kRealPathBy, &kInode,   &kDevice, &kLength};

constexpr std::string_view kOpenColumns[] = {"evt.time", "proc.pid",      "proc.name",
                                             "evt.res",  "evt.arg.flags", "fd.name"};
constexpr std::string_view kNameColumns[] = {"evt.time", "proc.pid", "proc.name", "evt.res",
                                             "fd.name"};
constexpr std::string_view kModeColumns[] = {"evt.time", "proc.pid",     "proc.name",
                                             "evt.res",  "evt.arg.mode", "fd.name"};
constexpr std::string_view kTwoPathColumns[] = {"evt.time", "proc.pid",       "proc.name",
                                                "evt.res",  "fs.path.source", "fd.name"};
constexpr std::string_view kSymlinkColumns[] = {"evt.time", "proc.pid",       "proc.name",
                                                "evt.res",  "evt.arg.target", "fd.name"};
constexpr std::string_view kChownColumns[] = {"evt.time",    "proc.pid",    "proc.name", "evt.res",
                                              "evt.arg.uid", "evt.arg.gid", "fd.name"};
constexpr std::string_view kTruncateColumns[] = {"evt.time", "proc.pid",       "proc.name",
                                                 "evt.res",  "evt.arg.length", "fd.name"};

constexpr std::string_view kCall[] = {"syscalls__exit"};
// Kinds that an io_uring can make as well. The ends before the beginnings: what is
// remembered will be seen to end.
constexpr std::string_view kCallOrRequest[] = {
    "syscalls__exit", "uring__overflow", "uring__complete", "uring__submit", "uring__submit_6_0"};
constexpr RecordShape kRecord = shape_of<wire_file>();

// clang-format off: a table
constexpr EventDescriptor kKinds[] = {
    {WIRE_OPEN, "open", "a file is opened or made", kOpenColumns, kOpenFields, open_info,
     kCallOrRequest, kRecord},
    {WIRE_MKDIR, "mkdir", "a directory is made", kModeColumns, kMkdirFields, mode_info,
     kCallOrRequest, kRecord},
    {WIRE_RMDIR, "rmdir", "a directory is removed", kNameColumns, kNameFields, name_of,
     kCallOrRequest, kRecord},
    {WIRE_UNLINK, "unlink", "a name of a file is removed", kNameColumns, kUnlinkFields, name_of,
     kCallOrRequest, kRecord},
    {WIRE_RENAME, "rename", "a file or directory gets another name", kTwoPathColumns,
     kTwoPathFields, two_paths_info, kCallOrRequest, kRecord},
    {WIRE_LINK, "link", "a file gets one more name", kTwoPathColumns, kTwoPathFields,
     two_paths_info, kCallOrRequest, kRecord},
    {WIRE_SYMLINK, "symlink", "a symbolic link is made", kSymlinkColumns, kSymlinkFields,
     symlink_info, kCallOrRequest, kRecord},
    {WIRE_CHMOD, "chmod", "permissions are changed", kModeColumns, kChmodFields, mode_info, kCall,
     kRecord},
    {WIRE_CHOWN, "chown", "an owner is changed", kChownColumns, kChownFields, owner_info, kCall,
     kRecord},
    {WIRE_TRUNCATE, "truncate", "a file's size is set", kTruncateColumns, kTruncateFields,
     length_info, kCall, kRecord},
};
// clang-format on

}  // namespace

std::span<const EventDescriptor> file_kinds() { return kKinds; }

}  // namespace outrider
