// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "support/recorder.h"

namespace outrider {

namespace {

// By number, as /proc has them: how often each happened, and the names of its handlers.
struct Interrupt {
  std::uint64_t count = 0;
  std::string line;
};

std::map<std::string, Interrupt> list_interrupts() {
  std::map<std::string, Interrupt> all;
  std::ifstream file("/proc/interrupts");
  std::string line;
  std::getline(file, line);  // the CPUs
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string number;
    words >> number;
    if (number.empty() || number[0] < '0' || number[0] > '9') continue;
    number.pop_back();  // the colon
    Interrupt& interrupt = all[number];
    interrupt.line = line;
    for (std::uint64_t count = 0; words >> count;) interrupt.count += count;
  }
  return all;
}

TEST(Interrupts, OfDevices) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  Recorder recorder({"hardirq"});
  ASSERT_EQ(recorder.failed(), "");
  const auto before = list_interrupts();
  recorder.run([] {
    // A disk's, if the file system is on one; the rest is up to the machine.
    char name[] = "/var/tmp/outrider-XXXXXX";
    const int file = ::mkstemp(name);
    if (file >= 0) {
      ::unlink(name);
      for (int i = 0; i < 20; ++i) {
        if (::write(file, name, sizeof(name)) < 0) break;
        ::fsync(file);
      }
    }
    ::poll(nullptr, 0, 200);
    return 0;
  });
  const auto after = list_interrupts();
  const Account account = recorder.finish();
  ASSERT_EQ(account.kinds.size(), 1u);
  EXPECT_EQ(account.kinds[0].difference(), 0);
  EXPECT_EQ(account.kinds[0].lost_total(), 0u);

  // No more than there were, by the kernel's own count.
  std::map<std::string, std::uint64_t> told;
  for (const Recorded& event : recorder.events()) {
    const std::string& number = event.at("evt.arg.irq");
    ++told[number];
    const auto known = after.find(number);
    ASSERT_NE(known, after.end()) << number;
    EXPECT_NE(known->second.line.find(event.at("evt.arg.name")), std::string::npos)
        << event.at("evt.arg.name");
    EXPECT_EQ(event.at("evt.arg.handled"), "handled");
    EXPECT_LT(std::stoull(event.at("evt.latency")), 10'000'000'000u);
    EXPECT_LE(std::stoul(event.at("evt.cpu")), 4096u);
    EXPECT_TRUE(event.at("evt.info").starts_with(number + " (" + event.at("evt.arg.name")));
  }
  std::uint64_t happened = 0;
  for (const auto& [number, interrupt] : after) {
    const auto was = before.find(number);
    const std::uint64_t more = interrupt.count - (was == before.end() ? 0 : was->second.count);
    EXPECT_LE(told[number], more + 1) << interrupt.line;
    happened += more;
  }
  if (happened == 0) GTEST_SKIP() << "no device interrupted this machine meanwhile";
  EXPECT_FALSE(recorder.events().empty());
}

TEST(Interrupts, PutOff) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  Recorder recorder({"softirq"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    // What goes to oneself over the loopback comes by NET_RX.
    const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) return 1;
    socklen_t length = sizeof(address);
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length);
    for (int i = 0; i < 20; ++i) {
      if (::sendto(socket, "x", 1, 0, reinterpret_cast<sockaddr*>(&address), length) != 1) return 2;
    }
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  int received = 0;
  for (const Recorded& event : recorder.events(child)) {
    if (event.at("evt.arg.name") != "NET_RX") continue;
    ++received;
    EXPECT_EQ(event.at("evt.arg.irq"), "3");
    EXPECT_LT(std::stoull(event.at("evt.latency")), 10'000'000'000u);
  }
  // Sent at once, each by itself, unless the kernel's thread for them is at it.
  EXPECT_GT(received, 0);
  const Account account = recorder.finish();
  ASSERT_EQ(account.kinds.size(), 1u);
  EXPECT_EQ(account.kinds[0].difference(), 0);
}

// The kernel leaves out what took less.
TEST(Interrupts, TheKernelDecides) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  Recorder recorder({"softirq"}, {}, "evt.latency > 1h");
  ASSERT_EQ(recorder.failed(), "");
  recorder.run([] {
    for (int i = 0; i < 50; ++i) ::poll(nullptr, 0, 2);
    return 0;
  });
  EXPECT_EQ(recorder.events().size(), 0u);
  const Account account = recorder.finish();
  EXPECT_EQ(account.kinds[0].difference(), 0);
  EXPECT_GT(account.kinds[0].filtered_kernel, 0u);
  EXPECT_LT(account.kinds[0].filtered_agent, 16u);
}

}  // namespace

}  // namespace outrider
