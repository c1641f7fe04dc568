// SPDX-License-Identifier: Apache-2.0
//
// Attaches empty programs to system call entry and exit until it gets SIGINT or SIGTERM: the
// yardstick for bar 1. Prints "empty_hooks: attached" on stderr when they are live.

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>

#include "empty_hooks.skel.h"

int main(int argc, char** argv) {
  bool enter = false;
  bool exit = false;
  std::string type = "tp_btf";

  CLI::App app{"Empty programs at system call entry and exit", "bench_empty_hooks"};
  app.add_flag("--enter", enter, "attach at sys_enter");
  app.add_flag("--exit", exit, "attach at sys_exit");
  app.add_option("--type", type, "program type")->check(CLI::IsMember({"tp_btf", "raw_tp"}));
  CLI11_PARSE(app, argc, argv);
  if (!enter && !exit) {
    fprintf(stderr, "empty_hooks: nothing to attach; give --enter, --exit or both\n");
    return 2;
  }

  // Blocked before attaching, so that a signal at any moment ends in the orderly way.
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGINT);
  sigaddset(&stop, SIGTERM);
  sigprocmask(SIG_BLOCK, &stop, nullptr);

  empty_hooks_bpf* skel = empty_hooks_bpf__open();
  if (!skel) {
    fprintf(stderr, "empty_hooks: cannot open the BPF object: %s\n", strerror(errno));
    return 1;
  }
  const bool tp = type == "tp_btf";
  bpf_program__set_autoload(skel->progs.empty_tp_enter, tp && enter);
  bpf_program__set_autoload(skel->progs.empty_tp_exit, tp && exit);
  bpf_program__set_autoload(skel->progs.empty_raw_enter, !tp && enter);
  bpf_program__set_autoload(skel->progs.empty_raw_exit, !tp && exit);

  int err = empty_hooks_bpf__load(skel);
  if (!err) err = empty_hooks_bpf__attach(skel);
  if (err) {
    fprintf(stderr,
            "empty_hooks: cannot load or attach %s programs: %s; "
            "needs root and a kernel with BTF\n",
            type.c_str(), strerror(-err));
    empty_hooks_bpf__destroy(skel);
    return 1;
  }
  fprintf(stderr, "empty_hooks: attached\n");

  int signal = 0;
  sigwait(&stop, &signal);
  empty_hooks_bpf__destroy(skel);
  return 0;
}
