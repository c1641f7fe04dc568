// SPDX-License-Identifier: Apache-2.0
#include "sensors/call_groups/socket_fields.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <iterator>
#include <optional>

#include "events/decode.h"
#include "syscalls/arguments.h"
#include "syscalls/event_fields.h"

namespace outrider {

namespace {

// One end of a socket.
struct End {
  std::string_view address;  // of IPv4 and IPv6 the bytes; a path, or @ and a name
  std::uint16_t family = 0;
  std::uint16_t port = 0;
};

std::optional<wire_socket> kernel_socket_of(const Event& event) {
  const Call* call = call_of(event);
  if (call == nullptr || call->socket == WIRE_NO_ARGUMENT) return std::nullopt;
  const auto& file = event.as<wire_file>();
  const std::string_view bytes = string_of(file, kSocketCapture);
  wire_socket socket{};
  if (file.strings[kSocketCapture].state != WIRE_STRING_WHOLE || bytes.size() != sizeof(socket)) {
    return std::nullopt;
  }
  std::memcpy(&socket, bytes.data(), sizeof(socket));
  return socket;
}

constexpr std::size_t address_size(std::uint16_t family) {
  return family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr);
}

bool is_internet(std::uint16_t family) { return family == AF_INET || family == AF_INET6; }

// A struct sockaddr as the caller gave it, or as the kernel filled it in.
std::optional<End> end_of(std::string_view bytes, Arena& arena) {
  End end;
  if (bytes.size() < sizeof(end.family)) return std::nullopt;
  std::memcpy(&end.family, bytes.data(), sizeof(end.family));
  if (is_internet(end.family)) {
    // struct sockaddr_in and sockaddr_in6: the port, and behind it (and a flow label) the address.
    const std::size_t at = end.family == AF_INET ? 4 : 8;
    if (bytes.size() < at + address_size(end.family)) return std::nullopt;
    std::memcpy(&end.port, bytes.data() + 2, sizeof(end.port));
    end.port = ntohs(end.port);
    end.address = bytes.substr(at, address_size(end.family));
  } else if (end.family == AF_UNIX) {
    end.address = bytes.substr(sizeof(end.family));
    if (end.address.empty()) return std::nullopt;  // it has no name
    if (end.address.front() == '\0') {
      // In the abstract namespace: a name of this length, as others write it.
      char* name = arena.allocate(end.address.size());
      std::memcpy(name, end.address.data(), end.address.size());
      name[0] = '@';
      end.address = {name, end.address.size()};
    } else {
      end.address = end.address.substr(0, end.address.find('\0'));
    }
  }
  return end;
}

std::optional<End> given_end_of(const Event& event) {
  const CallArguments* arguments = arguments_of(event);
  if (arguments == nullptr) return std::nullopt;
  for (const ArgumentType type : {ArgumentType::kSocketAddress, ArgumentType::kSocketAddressOut}) {
    const int place = place_of(*arguments, type);
    if (place < 0) continue;
    const auto capture =
        static_cast<std::size_t>(capture_of(*arguments, static_cast<std::size_t>(place)));
    if (event.as<wire_file>().strings[capture].state != WIRE_STRING_WHOLE) return std::nullopt;
    return end_of(string_of(event.as<wire_file>(), capture), *event.arena);
  }
  return std::nullopt;
}

// Which end the address of the call is, and on which end the server is.
struct Roles {
  bool given_is_remote;
  bool is_server;
};

Roles roles_of(const Event& event) {
  const wire_u16 kind = event.header->kind;
  // Who is given another number for a socket may be either; most that do so are clients.
  const bool asks = kind == WIRE_CONNECT || kind == WIRE_DUP;
  return {.given_is_remote = asks || kind == WIRE_ACCEPT, .is_server = !asks};
}

std::uint16_t family_of(const Event& event) {
  if (const auto socket = kernel_socket_of(event)) return socket->family;
  const auto given = given_end_of(event);
  return given ? given->family : std::uint16_t{AF_UNSPEC};
}

std::string_view kept(const std::uint8_t (&address)[16], std::uint16_t family, Arena& arena) {
  return arena.copy({reinterpret_cast<const char*>(address), address_size(family)});
}

std::optional<End> local_end_of(const Event& event) {
  const auto socket = kernel_socket_of(event);
  if (socket && is_internet(socket->family) && socket->local_port != 0) {
    return End{kept(socket->local_address, socket->family, *event.arena), socket->family,
               socket->local_port};
  }
  return roles_of(event).given_is_remote ? std::nullopt : given_end_of(event);
}

std::optional<End> remote_end_of(const Event& event) {
  const auto socket = kernel_socket_of(event);
  if (socket && is_internet(socket->family) && socket->remote_port != 0) {
    return End{kept(socket->remote_address, socket->family, *event.arena), socket->family,
               socket->remote_port};
  }
  return roles_of(event).given_is_remote ? given_end_of(event) : std::nullopt;
}

std::optional<End> client_end_of(const Event& event) {
  return roles_of(event).is_server ? remote_end_of(event) : local_end_of(event);
}

std::optional<End> server_end_of(const Event& event) {
  return roles_of(event).is_server ? local_end_of(event) : remote_end_of(event);
}

std::string_view address_text(const End& end, Arena& arena) {
  if (!is_internet(end.family)) return end.address;
  char* text = arena.allocate(INET6_ADDRSTRLEN);
  if (::inet_ntop(end.family, end.address.data(), text, INET6_ADDRSTRLEN) == nullptr) return {};
  return text;
}

using FindEnd = std::optional<End> (*)(const Event&);

template <FindEnd find>
Value address_of(const Event& event) {
  const auto end = find(event);
  if (!end || !is_internet(end->family)) return Value::missing();
  return Value::of_text(address_text(*end, *event.arena));
}

template <FindEnd find>
Value port_of(const Event& event) {
  const auto end = find(event);
  if (!end || !is_internet(end->family)) return Value::missing();
  return Value::of_unsigned(end->port);
}

// Of both ends, the client's first.
template <Value (*client)(const Event&), Value (*server)(const Event&)>
Value of_both_ends(const Event& event) {
  fmt::memory_buffer items;
  for (const Value& value : {client(event), server(event)}) {
    if (value.kind == Value::Kind::kText) {
      items.append(value.text);
    } else if (value.kind == Value::Kind::kUnsigned) {
      fmt::format_to(std::back_inserter(items), "{}", value.unsigned_value);
    } else {
      continue;
    }
    items.push_back('\0');
  }
  if (items.size() == 0) return Value::missing();
  Value list = Value::of_text(event.arena->copy({items.data(), items.size()}));
  list.kind = Value::Kind::kTextList;
  return list;
}
constexpr auto kBothAddresses = of_both_ends<address_of<client_end_of>, address_of<server_end_of>>;
constexpr auto kBothPorts = of_both_ends<port_of<client_end_of>, port_of<server_end_of>>;

// Nobody is asked for names while an event waits.
template <FindEnd find>
Value host_name_of(const Event& event) {
  return address_of<find>(event).kind == Value::Kind::kText ? Value::unknown() : Value::missing();
}

// Whether the call has given the descriptor its other end, or is about to.
bool connects(const Event& event) {
  const std::int64_t result = result_of(event);
  if (event.header->kind == WIRE_CONNECT) return result >= 0 || result == -EINPROGRESS;
  return event.header->kind == WIRE_ACCEPT && result >= 0;
}

// For calls that are no connection the kernel's socket says it.
Value is_connected(const Event& event) {
  if (event.header->flags & WIRE_RESULT_UNKNOWN) return Value::unknown();
  if (connects(event)) return Value::of_truth(true);
  const auto socket = kernel_socket_of(event);
  if (!socket) return event.header->kind == WIRE_DUP ? Value::missing() : Value::of_truth(false);
  return Value::of_truth(event.header->kind != WIRE_CONNECT && is_internet(socket->family) &&
                         socket->remote_port != 0);
}

void add_end(fmt::memory_buffer& text, const End& end, Arena& arena) {
  const std::string_view address = address_text(end, arena);
  if (end.family == AF_INET6) {
    fmt::format_to(std::back_inserter(text), "[{}]:{}", address, end.port);
  } else if (end.family == AF_INET) {
    fmt::format_to(std::back_inserter(text), "{}:{}", address, end.port);
  } else {
    text.append(address);
  }
}

Value name_of(const Event& event) {
  const auto client = client_end_of(event);
  const auto server = server_end_of(event);
  if (!client && !server) return Value::missing();
  fmt::memory_buffer text;
  if (client && is_internet(client->family)) {
    add_end(text, *client, *event.arena);
    text.append(std::string_view("->"));
  }
  if (server) add_end(text, *server, *event.arena);
  return Value::of_text(event.arena->copy({text.data(), text.size()}));
}

struct FamilyName {
  std::uint16_t family;
  std::string_view name, letter;
};
// Falco's names and letters where it has them.
constexpr FamilyName kFamilies[] = {
    {AF_INET, "ipv4", "4"},       {AF_INET6, "ipv6", "6"},          {AF_UNIX, "unix", "u"},
    {AF_NETLINK, "netlink", "n"}, {AF_PACKET, "packet", "o"},       {AF_VSOCK, "vsock", "o"},
    {AF_ALG, "alg", "o"},         {AF_BLUETOOTH, "bluetooth", "o"}, {AF_XDP, "xdp", "o"}};

template <std::string_view FamilyName::* word>
Value family_word_of(const Event& event) {
  const std::uint16_t family = family_of(event);
  for (const FamilyName& row : kFamilies) {
    if (row.family == family) return Value::of_text(row.*word);
  }
  return family == AF_UNSPEC ? Value::missing() : Value::of_text("other");
}

std::string_view protocol_name(const wire_socket& socket) {
  switch (socket.protocol) {
    case IPPROTO_TCP:
      return "tcp";
    case IPPROTO_UDP:
      return "udp";
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
      return "icmp";
    case 262:  // IPPROTO_MPTCP
      return "mptcp";
    case IPPROTO_SCTP:
      return "sctp";
    default:
      return socket.type == SOCK_RAW ? "raw" : "other";
  }
}

Value protocol_of(const Event& event) {
  const auto socket = kernel_socket_of(event);
  if (!socket || !is_internet(socket->family)) return Value::missing();
  return Value::of_text(protocol_name(*socket));
}

constexpr NamedValue kProtocols[] = {{"tcp"},  {"udp"}, {"icmp"}, {"mptcp"},
                                     {"sctp"}, {"raw"}, {"other"}};
constexpr NamedValue kFamilyWords[] = {{"ipv4"},  {"ipv6"}, {"unix"},      {"netlink"}, {"packet"},
                                       {"vsock"}, {"alg"},  {"bluetooth"}, {"xdp"},     {"other"}};

Value descriptor_of(const Event& event) {
  const Call* call = call_of(event);
  if (call == nullptr || call->socket == WIRE_NO_ARGUMENT) return Value::missing();
  if (call->socket != WIRE_FROM_RESULT) return argument_at(event, call->socket);
  const std::int64_t result = result_of(event);
  return result < 0 ? Value::missing() : Value::of_signed(result);
}

// clang-format off: a table
constexpr FieldDescriptor kDescriptor{
    "fd.num", FieldType::kSigned, "", "the descriptor of the socket", "FD", 4, descriptor_of};
constexpr FieldDescriptor kType{
    "fd.type", FieldType::kText, "", "family of the socket: ipv4, ipv6, unix, netlink and others",
    "FDTYPE", 9, family_word_of<&FamilyName::name>,
    [] { return std::span<const NamedValue>(kFamilyWords); }};
constexpr FieldDescriptor kProtocol{
    "fd.l4proto", FieldType::kText, "", "protocol of an internet socket", "PROTO", 5, protocol_of,
    [] { return std::span<const NamedValue>(kProtocols); }};
constexpr FieldDescriptor kName{
    "fd.name", FieldType::kPath, "",
    "both ends, client->server; the path of a unix socket", "PATH", 30, name_of};
constexpr FieldDescriptor kLocalAddress{
    "fd.lip", FieldType::kAddress, "", "local address", "LIP", 15, address_of<local_end_of>};
constexpr FieldDescriptor kLocalPort{
    "fd.lport", FieldType::kUnsigned, "", "local port", "LPORT", 5, port_of<local_end_of>};
constexpr FieldDescriptor kRemoteAddress{
    "fd.rip", FieldType::kAddress, "", "remote address", "RIP", 15, address_of<remote_end_of>};
constexpr FieldDescriptor kRemotePort{
    "fd.rport", FieldType::kUnsigned, "", "remote port", "RPORT", 5, port_of<remote_end_of>};
constexpr FieldDescriptor kCookie{
    "fd.socket_cookie", FieldType::kUnsigned, "",
    "the kernel's number for the socket, if anybody has asked for one", "COOKIE", 10,
    [](const Event& event) {
      const auto socket = kernel_socket_of(event);
      return !socket || socket->cookie == 0 ? Value::missing() : Value::of_unsigned(socket->cookie);
    }};

constexpr FieldDescriptor kTypeLetter{
    "fd.typechar", FieldType::kText, "", "the same as a letter: 4, 6, u", "FDCHAR", 6,
    family_word_of<&FamilyName::letter>};
constexpr FieldDescriptor kClientAddress{
    "fd.cip", FieldType::kAddress, "", "address of the client", "CIP", 15, address_of<client_end_of>};
constexpr FieldDescriptor kClientPort{
    "fd.cport", FieldType::kUnsigned, "", "port of the client", "CPORT", 5,
    port_of<client_end_of>};
constexpr FieldDescriptor kServerAddress{
    "fd.sip", FieldType::kAddress, "", "address of the server", "SIP", 15, address_of<server_end_of>};
constexpr FieldDescriptor kServerPort{
    "fd.sport", FieldType::kUnsigned, "", "port of the server", "SPORT", 5,
    port_of<server_end_of>};
constexpr FieldDescriptor kAddress{
    "fd.ip", FieldType::kAnyAddress, "", "addresses of both ends: = and in ask for either, != for none",
    "IP", 24, kBothAddresses};
constexpr FieldDescriptor kPort{
    "fd.port", FieldType::kAnyNumber, "", "ports of both ends: = and in ask for either, != for none",
    "PORT", 11, kBothPorts};
constexpr FieldDescriptor kNetwork{
    "fd.net", FieldType::kAnyAddress, "", "the same as fd.ip, to be compared with networks", "NET", 24,
    kBothAddresses};
constexpr FieldDescriptor kClientNetwork{
    "fd.cnet", FieldType::kAddress, "", "the same as fd.cip, to be compared with networks", "CNET", 15,
    address_of<client_end_of>};
constexpr FieldDescriptor kServerNetwork{
    "fd.snet", FieldType::kAddress, "", "the same as fd.sip, to be compared with networks", "SNET", 15,
    address_of<server_end_of>};
constexpr FieldDescriptor kLocalNetwork{
    "fd.lnet", FieldType::kAddress, "", "the same as fd.lip, to be compared with networks", "LNET", 15,
    address_of<local_end_of>};
constexpr FieldDescriptor kRemoteNetwork{
    "fd.rnet", FieldType::kAddress, "", "the same as fd.rip, to be compared with networks", "RNET", 15,
    address_of<remote_end_of>};
constexpr FieldDescriptor kClientName{
    "fd.cip.name", FieldType::kText, "",
    "name of the client's host: not known, since no name is looked up", "CNAME", 24,
    host_name_of<client_end_of>};
constexpr FieldDescriptor kServerName{
    "fd.sip.name", FieldType::kText, "",
    "name of the server's host: not known, since no name is looked up", "SNAME", 24,
    host_name_of<server_end_of>};
constexpr FieldDescriptor kLocalName{
    "fd.lip.name", FieldType::kText, "",
    "name of the local address: not known, since no name is looked up", "LNAME", 24,
    host_name_of<local_end_of>};
constexpr FieldDescriptor kRemoteName{
    "fd.rip.name", FieldType::kText, "",
    "name of the remote address: not known, since no name is looked up", "RNAME", 24,
    host_name_of<remote_end_of>};
constexpr FieldDescriptor kIsConnected{
    "fd.connected", FieldType::kText, "", "whether it has another end, or will: EINPROGRESS", "CONNECTED",
    9, is_connected, truth_names};
constexpr FieldDescriptor kNameChanged{
    "fd.name_changed", FieldType::kText, "", "whether the call has given the descriptor another fd.name",
    "RENAMED", 7,
    [](const Event& event) {
      if (event.header->flags & WIRE_RESULT_UNKNOWN) return Value::unknown();
      return Value::of_truth(connects(event));
    },
    truth_names};
constexpr FieldDescriptor kTuple{
    "evt.arg.tuple", FieldType::kPath, "", "the same as fd.name", "TUPLE", 30, name_of};
constexpr FieldDescriptor kIsServer{
    "fd.is_server", FieldType::kText, "", "whether the process is the server", "SERVER", 6,
    [](const Event& event) {
      if (event.header->kind == WIRE_DUP) return Value::unknown();
      return Value::of_truth(roles_of(event).is_server);
    },
    truth_names};
constexpr FieldDescriptor kSocketFamily{
    "fd.sockfamily", FieldType::kText, "", "ip or unix", "SOCKFAM", 7,
    [](const Event& event) {
      const std::uint16_t family = family_of(event);
      if (is_internet(family)) return Value::of_text("ip");
      return family == AF_UNIX ? Value::of_text("unix") : Value::missing();
    }};
// clang-format on

}  // namespace

const FieldDescriptor kSocketNumberField = kDescriptor, kSocketTypeField = kType,
                      kSocketCookieField = kCookie;

const FieldDescriptor* const kSocketFields[9] = {&kDescriptor,    &kType,         &kProtocol,
                                                 &kName,          &kLocalAddress, &kLocalPort,
                                                 &kRemoteAddress, &kRemotePort,   &kCookie};

const FieldDescriptor* const kDerivedSocketFields[21] = {
    &kTypeLetter,    &kClientAddress, &kClientPort,   &kServerAddress, &kServerPort,
    &kIsServer,      &kSocketFamily,  &kAddress,      &kPort,          &kNetwork,
    &kClientNetwork, &kServerNetwork, &kLocalNetwork, &kRemoteNetwork, &kClientName,
    &kServerName,    &kLocalName,     &kRemoteName,   &kIsConnected,   &kNameChanged,
    &kTuple};

Value socket_info(const Event& event) {
  const Value name = name_of(event);
  Value kind = protocol_of(event);
  if (kind.kind != Value::Kind::kText) kind = family_word_of<&FamilyName::name>(event);
  if (name.kind != Value::Kind::kText) return Value::of_text(call_text(event));
  const std::string_view first = kind.kind == Value::Kind::kText ? kind.text : "?";
  return Value::of_text(event.arena->copy(fmt::format("{} {}", first, name.text)));
}

}  // namespace outrider
