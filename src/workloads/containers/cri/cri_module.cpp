// SPDX-License-Identifier: Apache-2.0
//
// outrider_cri.so: see cri_module.h.
#include "workloads/containers/cri/cri_module.h"

#include <fcntl.h>
#include <grpc/support/log.h>
#include <grpcpp/create_channel_posix.h>
#include <grpcpp/grpcpp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "cri.grpc.pb.h"

namespace {

namespace cri = runtime::v1;

constexpr int kAnswerMax = 4 << 20;  // bytes; a container has some 10 KB

// gRPC makes threads; signals are for the program's own.
class WithoutSignals {
 public:
  WithoutSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~WithoutSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  WithoutSignals(const WithoutSignals&) = delete;
  WithoutSignals& operator=(const WithoutSignals&) = delete;

 private:
  sigset_t before_;
};

struct Client {
  // gRPC may keep its own open behind a peer that makes no sense: we end what both stand for.
  ~Client() {
    if (connection >= 0) {
      ::shutdown(connection, SHUT_RDWR);
      ::close(connection);
    }
  }

  int connection = -1;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<cri::RuntimeService::Stub> stub;
};

outrider_cri_text text_of(std::string_view text) { return {text.data(), text.size()}; }

// One question to a runtime, and what is told of the answer.
class Question {
 public:
  Question(Client& client, std::string id, std::chrono::nanoseconds patience,
           outrider_cri_take take, void* context)
      : stub_(*client.stub),
        id_(std::move(id)),
        deadline_(std::chrono::system_clock::now() +
                  std::chrono::duration_cast<std::chrono::system_clock::duration>(patience)),
        take_(take),
        context_(context) {}

  outrider_cri_answer ask() {
    // Only the list says to which pod a container belongs.
    cri::ListContainersRequest request;
    request.mutable_filter()->set_id(id_);
    cri::ListContainersResponse response;
    const grpc::Status status = call(&cri::RuntimeService::Stub::ListContainers, request, response);
    if (!status.ok()) return OUTRIDER_CRI_FAILED;
    for (const cri::Container& container : response.containers()) {
      if (container.id() == id_) return ask_container(container.pod_sandbox_id());
    }
    return ask_sandbox(id_, /*itself=*/true);
  }

 private:
  template <typename Request, typename Response>
  grpc::Status call(grpc::Status (cri::RuntimeService::Stub::*method)(grpc::ClientContext*,
                                                                      const Request&, Response*),
                    const Request& request, Response& response) {
    grpc::ClientContext context;
    context.set_deadline(deadline_);
    return (stub_.*method)(&context, request, &response);
  }

  void tell(outrider_cri_fact fact, std::string_view value, std::string_view key = {}) {
    take_(context_, fact, text_of(key), text_of(value));
  }

  template <typename Map>
  void tell_labels(const Map& labels) {
    for (const auto& [key, value] : labels) tell(OUTRIDER_CRI_LABEL, value, key);
  }

  outrider_cri_answer ask_container(const std::string& sandbox) {
    cri::ContainerStatusRequest request;
    request.set_container_id(id_);
    cri::ContainerStatusResponse response;
    const grpc::Status status =
        call(&cri::RuntimeService::Stub::ContainerStatus, request, response);
    if (status.error_code() == grpc::StatusCode::NOT_FOUND) return OUTRIDER_CRI_NONE;
    if (!status.ok() || response.status().id() != id_) return OUTRIDER_CRI_FAILED;
    const cri::ContainerStatus& container = response.status();
    tell(OUTRIDER_CRI_NAME, container.metadata().name());
    for (const std::string& image :
         {container.image().user_specified_image(), container.image().image(),
          container.image_ref(), container.image_id()}) {
      tell(OUTRIDER_CRI_IMAGE, image);
    }
    tell(OUTRIDER_CRI_CREATED, std::to_string(container.created_at()));
    tell_labels(container.labels());
    tell_labels(container.annotations());
    for (const cri::Mount& mount : container.mounts()) {
      tell(mount.readonly() ? OUTRIDER_CRI_MOUNT_READ_ONLY : OUTRIDER_CRI_MOUNT, mount.host_path(),
           mount.container_path());
    }
    if (sandbox.empty()) return OUTRIDER_CRI_TOLD;
    tell(OUTRIDER_CRI_SANDBOX_ID, sandbox);
    // The pod may have gone meanwhile: what is known is told.
    return ask_sandbox(sandbox, /*itself=*/false) == OUTRIDER_CRI_FAILED ? OUTRIDER_CRI_FAILED
                                                                         : OUTRIDER_CRI_TOLD;
  }

  outrider_cri_answer ask_sandbox(const std::string& id, bool itself) {
    cri::PodSandboxStatusRequest request;
    request.set_pod_sandbox_id(id);
    cri::PodSandboxStatusResponse response;
    const grpc::Status status =
        call(&cri::RuntimeService::Stub::PodSandboxStatus, request, response);
    if (status.error_code() == grpc::StatusCode::NOT_FOUND) return OUTRIDER_CRI_NONE;
    // Where only a beginning of the id is there, it is another's.
    if (!status.ok() || response.status().id() != id) return OUTRIDER_CRI_FAILED;
    const cri::PodSandboxStatus& sandbox = response.status();
    tell(OUTRIDER_CRI_POD_NAME, sandbox.metadata().name());
    tell(OUTRIDER_CRI_POD_NAMESPACE, sandbox.metadata().namespace_());
    tell(OUTRIDER_CRI_POD_UID, sandbox.metadata().uid());
    if (!itself) return OUTRIDER_CRI_TOLD;
    tell(OUTRIDER_CRI_IS_SANDBOX, {});
    tell(OUTRIDER_CRI_CREATED, std::to_string(sandbox.created_at()));
    tell_labels(sandbox.labels());
    tell_labels(sandbox.annotations());
    return OUTRIDER_CRI_TOLD;
  }

  cri::RuntimeService::Stub& stub_;
  const std::string id_;
  const std::chrono::system_clock::time_point deadline_;
  const outrider_cri_take take_;
  void* const context_;
};

// What the library would write to standard error is in the answers.
void leave_out(gpr_log_func_args*) {}

void* open_client(int connection) try {
  const WithoutSignals without_signals;
  ::gpr_set_log_function(leave_out);
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kAnswerMax);
  auto client = std::make_unique<Client>();
  client->connection = ::fcntl(connection, F_DUPFD_CLOEXEC, 0);
  client->channel = grpc::CreateCustomInsecureChannelFromFd("runtime", connection, arguments);
  client->stub = cri::RuntimeService::NewStub(client->channel);
  return client.release();
} catch (...) {
  return nullptr;
}

outrider_cri_answer describe(void* client, outrider_cri_text id, int64_t patience_ns,
                             outrider_cri_take take, void* context) try {
  const WithoutSignals without_signals;
  return Question(*static_cast<Client*>(client), std::string(id.bytes, id.size),
                  std::chrono::nanoseconds(patience_ns), take, context)
      .ask();
} catch (...) {
  return OUTRIDER_CRI_FAILED;
}

void close_client(void* client) {
  const WithoutSignals without_signals;
  delete static_cast<Client*>(client);
}

}  // namespace

extern "C" {
__attribute__((visibility("default"))) extern const outrider_cri_interface outrider_cri;
const outrider_cri_interface outrider_cri = {OUTRIDER_CRI_INTERFACE, 0, open_client, describe,
                                             close_client};
}
