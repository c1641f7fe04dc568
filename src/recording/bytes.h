// SPDX-License-Identifier: Apache-2.0
//
// Values as bytes and back. What a structure consists of is said once, by a function
// describe(archive, structure), which both use.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace outrider {

template <typename T>
concept PlainNumber = std::integral<T> && !std::same_as<T, bool>;

// Appends. Numbers have their own size, in the order of the machine; texts and lists their length
// in front, 32 bits.
class ByteWriter {
 public:
  explicit ByteWriter(std::string& out) : out_(out) {}

  template <typename... Values>
  void operator()(const Values&... values) {
    (put(values), ...);
  }
  // An enumeration whose greatest value is `last`.
  template <typename Enum>
  void named(const Enum& value, Enum) {
    put(static_cast<std::uint8_t>(value));
  }

 private:
  void put(PlainNumber auto value) { append(&value, sizeof(value)); }
  void put(bool value) { put(static_cast<std::uint8_t>(value)); }
  void put(std::string_view text) {
    put(static_cast<std::uint32_t>(text.size()));
    append(text.data(), text.size());
  }
  void put(const std::string& text) { put(std::string_view(text)); }
  template <typename T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <typename T>
  void put(const std::vector<T>& values) {
    put(static_cast<std::uint32_t>(values.size()));
    for (const T& value : values) put(value);
  }
  template <typename T, std::size_t count>
  void put(const std::array<T, count>& values) {
    for (const T& value : values) put(value);
  }
  template <typename First, typename Second>
  void put(const std::pair<First, Second>& both) {
    put(both.first);
    put(both.second);
  }
  template <typename T>
    requires std::is_class_v<T>
  void put(const T& value) {
    describe(*this, value);
  }
  void append(const void* bytes, std::size_t size) {
    out_.append(static_cast<const char*>(bytes), size);
  }

  std::string& out_;
};

// Reads what may be anything. Once something does not fit, ok() is false for good and what is read
// is nothing.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : left_(bytes) {}

  template <typename... Values>
  void operator()(Values&... values) {
    (take(values), ...);
  }
  template <typename Enum>
  void named(Enum& value, Enum last) {
    std::uint8_t number = 0;
    take(number);
    ok_ = ok_ && number <= static_cast<std::uint8_t>(last);
    value = ok_ ? static_cast<Enum>(number) : Enum{};
  }

  [[nodiscard]] bool ok() const { return ok_; }
  // All was read, and nothing is left over.
  [[nodiscard]] bool done() const { return ok_ && left_.empty(); }

 private:
  void take(PlainNumber auto& value) {
    value = 0;
    if (const char* bytes = next(sizeof(value))) std::memcpy(&value, bytes, sizeof(value));
  }
  void take(bool& value) {
    std::uint8_t number = 0;
    take(number);
    value = number != 0;
  }
  void take(std::string_view& text) {
    std::uint32_t size = 0;
    take(size);
    const char* bytes = next(size);
    text = bytes != nullptr ? std::string_view(bytes, size) : std::string_view();
  }
  void take(std::string& text) {
    std::string_view view;
    take(view);
    text = view;
  }
  template <typename T>
  void take(std::optional<T>& value) {
    bool has_value = false;
    take(has_value);
    value.reset();
    if (has_value && ok_) take(value.emplace());
  }
  template <typename T>
  void take(std::vector<T>& values) {
    std::uint32_t count = 0;
    take(count);
    values.clear();
    // Each has a byte at least: no number makes us take more memory than the bytes that are there.
    ok_ = ok_ && count <= left_.size();
    for (std::uint32_t i = 0; i < count && ok_; ++i) take(values.emplace_back());
  }
  template <typename T, std::size_t count>
  void take(std::array<T, count>& values) {
    for (T& value : values) take(value);
  }
  template <typename First, typename Second>
  void take(std::pair<First, Second>& both) {
    take(both.first);
    take(both.second);
  }
  template <typename T>
    requires std::is_class_v<T>
  void take(T& value) {
    describe(*this, value);
  }

  // nullptr if there are not so many.
  const char* next(std::size_t size) {
    ok_ = ok_ && size <= left_.size();
    if (!ok_) return nullptr;
    const char* bytes = left_.data();
    left_.remove_prefix(size);
    return bytes;
  }

  std::string_view left_;
  bool ok_ = true;
};

}  // namespace outrider
