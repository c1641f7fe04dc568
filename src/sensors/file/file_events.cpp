// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/stat.h>

#include <cstring>
#include <optional>

#include "base/path.h"
#include "events/decode.h"
#include "events/event.h"
#include "sensors/registry.h"
#include "syscalls/arguments.h"
#include "syscalls/event_fields.h"
#include "syscalls/names.h"
#include "syscalls/path_parts.h"
#include "workloads/path_finder.h"

namespace outrider {

namespace {

const wire_file& file_of(const Event& event) { return event.as<wire_file>(); }

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
  const int flags = call != nullptr ? place_of(*call, ArgumentType::kAtFlags) : -1;
  return flags >= 0 && file_of(event).arguments[flags] & kNoFollow ? PathEnd::kNotFollowed
                                                                   : PathEnd::kFollowed;
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

Value mode_of(const Event& event) { return argument_of(event, {ArgumentType::kMode}); }

constexpr std::uint64_t kCreatFlags = 01101;  // O_WRONLY|O_CREAT|O_TRUNC

Value flags_of(const Event& event) {
  const Call* call = call_of(event);
  if (call != nullptr && call->name == "creat") {
    return Value::of_text(open_flag_names(kCreatFlags, *event.arena));
  }
  return argument_of(event, {ArgumentType::kOpenHow, ArgumentType::kOpenFlags,
                             ArgumentType::kAtFlags, ArgumentType::kRenameFlags});
}

// Of an open; nullopt if it is not known which call it was.
std::optional<std::uint64_t> open_flags_of(const Event& event) {
  const Call* call = call_of(event);
  if (call == nullptr) return std::nullopt;
  if (call->name == "creat") return kCreatFlags;
  const int how = place_of(*call, ArgumentType::kOpenHow);
  const int place = how >= 0 ? how : place_of(*call, ArgumentType::kOpenFlags);
  if (place < 0) return std::nullopt;
  return file_of(event).arguments[place];
}

// What the file can be used for, whether it could be opened or not. With O_PATH it is neither read
// nor written; 3 is for devices that only take ioctl(2).
template <std::uint64_t mode>
Value is_open_for(const Event& event) {
  constexpr std::uint64_t kReadWrite = 2, kPathOnly = 010000000;
  const auto flags = open_flags_of(event);
  if (!flags) return Value::unknown();
  const std::uint64_t access = *flags & 3;
  return Value::of_truth((access == mode || access == kReadWrite) && (*flags & kPathOnly) == 0);
}

// Falco's: it would be made as something that can be run.
Value is_open_exec(const Event& event) {
  if (!open_flags_of(event)) return Value::unknown();
  const Value mode = mode_of(event);
  return Value::of_truth(mode.kind == Value::Kind::kUnsigned && (mode.unsigned_value & 0111) != 0);
}

Value object_type_of(const Event& event, std::string_view directory, std::string_view file) {
  if ((event.header->flags & WIRE_OBJECT_KNOWN) == 0) {
    if (event.header->kind != WIRE_OPEN) return Value::missing();
    // What could not be opened is a file to Falco and its rules.
    return file_of(event).result >= 0 ? Value::unknown() : Value::of_text(file);
  }
  return Value::of_text((file_of(event).mode & S_IFMT) == S_IFDIR ? directory : file);
}

constexpr NamedValue kResolvers[] = {{"kernel"}, {"lookup"}};
constexpr NamedValue kObjectTypes[] = {{"file"}, {"directory"}};
constexpr NamedValue kObjectLetters[] = {{"f"}, {"d"}};

// clang-format off: a table
constexpr FieldDescriptor kDescriptor{
    "fd.num", FieldType::kSigned, "", "the descriptor that was opened or given", "FD", 4,
    [](const Event& event) {
      if (event.header->kind == WIRE_OPEN) {
        const wire_u16 flags = event.header->flags;
        if (flags & WIRE_DIRECT_DESCRIPTOR) return Value::missing();
        if (flags & WIRE_RESULT_UNKNOWN) return Value::unknown();
        const std::int64_t result = file_of(event).result;
        return Value::of_signed(result < 0 ? -1 : result);
      }
      return argument_of(event, {ArgumentType::kDescriptor});
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
    real_path_by, [] { return std::span<const NamedValue>(kResolvers); }};
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
    "evt.arg.flags", FieldType::kFlags, "", "flags of the call, by name", "FLAGS", 20, flags_of,
    open_flag_values};
constexpr FieldDescriptor kAtFlags{
    "evt.arg.flags", FieldType::kFlags, "", "flags of the call, by name", "FLAGS", 20, flags_of,
    at_flag_values};
constexpr FieldDescriptor kRenameFlags{
    "evt.arg.flags", FieldType::kFlags, "", "flags of the call, by name", "FLAGS", 20, flags_of,
    rename_flag_values};
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
      return argument_of(event, {ArgumentType::kUser, ArgumentType::kUser16});
    }};
constexpr FieldDescriptor kGroup{
    "evt.arg.gid", FieldType::kSigned, "", "the new group, -1 if unchanged", "GROUP", 6,
    [](const Event& event) {
      return argument_of(event, {ArgumentType::kGroup, ArgumentType::kGroup16});
    }};
constexpr FieldDescriptor kLength{
    "evt.arg.length", FieldType::kSigned, "bytes", "the new size", "LENGTH", 10,
    [](const Event& event) {
      return argument_of(event, {ArgumentType::kSize, ArgumentType::kSizeLow});
    }};

// Not of every event's JSON.
constexpr FieldDescriptor kDirectory{
    "fd.directory", FieldType::kPath, "", "the directory of fd.name", "DIRECTORY", 24,
    [](const Event& event) { return directory_of(name_of(event)); }};
constexpr FieldDescriptor kFileName{
    "fd.filename", FieldType::kText, "", "the last part of fd.name", "FILENAME", 20,
    [](const Event& event) { return file_name_of(name_of(event)); }};
constexpr FieldDescriptor kType{
    "fd.type", FieldType::kText, "", "file or directory, if it was opened", "FDTYPE", 9,
    [](const Event& event) { return object_type_of(event, "directory", "file"); },
    [] { return std::span<const NamedValue>(kObjectTypes); }};
constexpr FieldDescriptor kTypeLetter{
    "fd.typechar", FieldType::kText, "", "the same as a letter: f or d", "FDCHAR", 6,
    [](const Event& event) { return object_type_of(event, "d", "f"); },
    [] { return std::span<const NamedValue>(kObjectLetters); }};
constexpr FieldDescriptor kIsOpenRead{
    "evt.is_open_read", FieldType::kText, "", "whether the file is opened for reading", "READ", 5,
    is_open_for<0>, truth_names};
constexpr FieldDescriptor kIsOpenWrite{
    "evt.is_open_write", FieldType::kText, "", "whether the file is opened for writing", "WRITE",
    5, is_open_for<1>, truth_names};
constexpr FieldDescriptor kIsOpenExec{
    "evt.is_open_exec", FieldType::kText, "", "whether a file would be made that can be run",
    "EXEC", 5, is_open_exec, truth_names};
constexpr FieldDescriptor kPathName{
    "fs.path.name", FieldType::kPath, "", "the same as fd.name", "PATHNAME", 30, name_of};
constexpr FieldDescriptor kPathRawName{
    "fs.path.nameraw", FieldType::kPath, "", "the same as fd.nameraw", "PATHRAW", 24,
    [](const Event& event) { return text_of(file_of(event), main_path(event)); }};
constexpr FieldDescriptor kPathTarget{
    "fs.path.target", FieldType::kPath, "", "the new path: the same as fd.name", "NEW", 30,
    name_of};
constexpr FieldDescriptor kPathRawTarget{
    "fs.path.targetraw", FieldType::kPath, "", "the new path as given", "NEWRAW", 24,
    [](const Event& event) { return text_of(file_of(event), main_path(event)); }};
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
                                                    &kAtFlags};
constexpr const FieldDescriptor* kMkdirFields[] = {&kRawName, &kName, &kRealPath, &kRealPathBy,
                                                   &kMode};
constexpr const FieldDescriptor* kRenameFields[] = {
    &kRawName, &kName, &kRealPath, &kRealPathBy, &kSource, &kRawSource, &kRenameFlags};
constexpr const FieldDescriptor* kLinkFields[] = {&kRawName, &kName,      &kRealPath, &kRealPathBy,
                                                  &kSource,  &kRawSource, &kAtFlags};
constexpr const FieldDescriptor* kSymlinkFields[] = {&kRawName, &kName, &kRealPath, &kRealPathBy,
                                                     &kTarget};
constexpr const FieldDescriptor* kChmodFields[] = {&kDescriptor, &kRawName,    &kName,
                                                   &kRealPath,   &kRealPathBy, &kInode,
                                                   &kDevice,     &kAtFlags,    &kMode};
constexpr const FieldDescriptor* kChownFields[] = {&kDescriptor, &kRawName, &kName,   &kRealPath,
                                                   &kRealPathBy, &kInode,   &kDevice, &kAtFlags,
                                                   &kUser,       &kGroup};
constexpr const FieldDescriptor* kTruncateFields[] = {&kDescriptor, &kRawName, &kName,   &kRealPath,
                                                      &kRealPathBy, &kInode,   &kDevice, &kLength};

constexpr const FieldDescriptor* kDerivedOfOpen[] = {&kDirectory,  &kFileName,   &kType,
                                                     &kTypeLetter, &kIsOpenRead, &kIsOpenWrite,
                                                     &kIsOpenExec, &kPathName,   &kPathRawName};
constexpr const FieldDescriptor* kDerivedOfName[] = {&kDirectory, &kFileName, &kPathName,
                                                     &kPathRawName};
constexpr const FieldDescriptor* kDerivedOfTwoPaths[] = {&kDirectory, &kFileName, &kPathTarget,
                                                         &kPathRawTarget};
constexpr const FieldDescriptor* kDerivedOfObject[] = {&kDirectory,  &kFileName, &kType,
                                                       &kTypeLetter, &kPathName, &kPathRawName};

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
    {WIRE_OPEN, "open", "file", "a file is opened or made", kOpenColumns, kOpenFields, open_info,
     kCallOrRequest, kRecord, kDerivedOfOpen},
    {WIRE_MKDIR, "mkdir", "file", "a directory is made", kModeColumns, kMkdirFields, mode_info,
     kCallOrRequest, kRecord, kDerivedOfName},
    {WIRE_RMDIR, "rmdir", "file", "a directory is removed", kNameColumns, kNameFields, name_of,
     kCallOrRequest, kRecord, kDerivedOfName},
    {WIRE_UNLINK, "unlink", "file", "a name of a file is removed", kNameColumns, kUnlinkFields, name_of,
     kCallOrRequest, kRecord, kDerivedOfName},
    {WIRE_RENAME, "rename", "file", "a file or directory gets another name", kTwoPathColumns,
     kRenameFields, two_paths_info, kCallOrRequest, kRecord, kDerivedOfTwoPaths},
    {WIRE_LINK, "link", "file", "a file gets one more name", kTwoPathColumns, kLinkFields,
     two_paths_info, kCallOrRequest, kRecord, kDerivedOfTwoPaths},
    {WIRE_SYMLINK, "symlink", "file", "a symbolic link is made", kSymlinkColumns, kSymlinkFields,
     symlink_info, kCallOrRequest, kRecord, kDerivedOfTwoPaths},
    {WIRE_CHMOD, "chmod", "file", "permissions are changed", kModeColumns, kChmodFields, mode_info, kCall,
     kRecord, kDerivedOfObject},
    {WIRE_CHOWN, "chown", "file", "an owner is changed", kChownColumns, kChownFields, owner_info, kCall,
     kRecord, kDerivedOfObject},
    {WIRE_TRUNCATE, "truncate", "file", "a file's size is set", kTruncateColumns, kTruncateFields,
     length_info, kCall, kRecord, kDerivedOfObject},
};
// clang-format on

}  // namespace

std::span<const EventDescriptor> file_kinds() { return kKinds; }

}  // namespace outrider
