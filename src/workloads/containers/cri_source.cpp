// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/cri_source.h"

#include <charconv>
#include <chrono>
#include <climits>
#include <mutex>
#include <optional>
#include <utility>

#include "base/module.h"
#include "workloads/containers/container_labels.h"
#include "workloads/containers/cri/cri_module.h"
#include "workloads/containers/runtime_socket.h"

namespace outrider {

namespace {

constexpr CriSocket kSockets[] = {
    {"/run/containerd/containerd.sock", Runtime::kContainerd},
    {"/run/crio/crio.sock", Runtime::kCrio},
    {"/run/cri-dockerd.sock", Runtime::kDocker},
    {"/run/k3s/containerd/containerd.sock", Runtime::kContainerd},
    {"/run/k0s/containerd.sock", Runtime::kContainerd},
    {"/var/snap/microk8s/common/run/containerd.sock", Runtime::kContainerd},
};

// ---- The module, of which there is one. It is looked for once: what is not installed then will
// not be before the program starts again.

std::mutex module_mutex;
std::optional<Result<const outrider_cri_interface*>> loaded_module;

Result<const outrider_cri_interface*> load() {
  const auto found = load_module("outrider_cri", OUTRIDER_CRI_SYMBOL);
  if (!found) return std::unexpected(found.error());
  const auto* module = static_cast<const outrider_cri_interface*>(*found);
  if (module->version != OUTRIDER_CRI_INTERFACE) {
    return fail("outrider_cri.so is of another version of the program");
  }
  return module;
}

const outrider_cri_interface* cri_module() {
  const std::scoped_lock lock(module_mutex);
  if (!loaded_module) loaded_module = load();
  return *loaded_module ? **loaded_module : nullptr;
}

// ---- What it tells

struct Told {
  Container container;
  Labels labels;
};

void take(void* context, outrider_cri_fact fact, outrider_cri_text key_text,
          outrider_cri_text value_text) {
  auto& [container, labels] = *static_cast<Told*>(context);
  const std::string_view key(key_text.bytes, key_text.size);
  const std::string_view value(value_text.bytes, value_text.size);
  // As everywhere: a text with a NUL is none.
  if (key.find('\0') != std::string_view::npos || value.find('\0') != std::string_view::npos) {
    return;
  }
  switch (fact) {
    case OUTRIDER_CRI_NAME:
      set_if_unknown(container.pod_container, value, NameSource::kCri);
      return;
    case OUTRIDER_CRI_IMAGE:
      add_image(container, value, NameSource::kCri);
      return;
    case OUTRIDER_CRI_CREATED:
      std::from_chars(value.data(), value.data() + value.size(), container.created);
      return;
    case OUTRIDER_CRI_SANDBOX_ID:
      set_if_unknown(container.sandbox_id, value, NameSource::kCri);
      return;
    case OUTRIDER_CRI_IS_SANDBOX:
      container.sandbox = true;
      return;
    case OUTRIDER_CRI_POD_NAME:
      set_if_unknown(container.pod_name, value, NameSource::kCri);
      return;
    case OUTRIDER_CRI_POD_NAMESPACE:
      set_if_unknown(container.pod_namespace, value, NameSource::kCri);
      return;
    case OUTRIDER_CRI_POD_UID:
      set_if_unknown(container.pod_uid, value, NameSource::kCri);
      return;
    case OUTRIDER_CRI_LABEL:
      // add_labels() sorts out those that are too many or too long; an answer has 4 MB at most.
      labels.emplace_back(key, value);
      return;
    case OUTRIDER_CRI_MOUNT:
    case OUTRIDER_CRI_MOUNT_READ_ONLY:
      if (!container.mounts) container.mounts.emplace();
      if (container.mounts->size() >= kMountsMax || key.size() > PATH_MAX ||
          value.size() > PATH_MAX) {
        return;
      }
      container.mounts->push_back({.source = std::string(value),
                                   .destination = std::string(key),
                                   .type = {},
                                   .writable = fact == OUTRIDER_CRI_MOUNT});
      return;
  }
}

// ---- The source

class CriSource : public ContainerSource {
 public:
  CriSource(RuntimeSocket socket, Runtime runtime)
      : socket_(std::move(socket)), runtime_(runtime) {}

  std::optional<Container> describe(const std::string& id, Deadline deadline) override {
    // An empty filter would ask for all there are.
    if (id.empty() || id.size() > kNameMax) return std::nullopt;
    // A connection that was there may be to a runtime that has gone meanwhile.
    for (bool again : {true, false}) {
      bool is_new = false;
      const auto client = connected(deadline, is_new);
      if (!client) return std::nullopt;
      Told told;
      told.container.runtime = runtime_;
      const auto left = deadline - std::chrono::steady_clock::now();
      switch (client->module.describe(client->handle, {id.data(), id.size()},
                                      std::chrono::nanoseconds(left).count(), take, &told)) {
        case OUTRIDER_CRI_TOLD:
          told.container.id = {id, NameSource::kCri};
          add_labels(told.container, std::move(told.labels), NameSource::kCri);
          return std::move(told.container);
        case OUTRIDER_CRI_NONE:
          return std::nullopt;
        case OUTRIDER_CRI_FAILED:
          break;
      }
      disconnect(client);
      if (is_new || !again) return std::nullopt;
    }
    return std::nullopt;
  }

 private:
  struct Client {
    Client(const outrider_cri_interface& module_, void* handle_)
        : module(module_), handle(handle_) {}
    ~Client() { module.close(handle); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    const outrider_cri_interface& module;
    void* const handle;
  };

  std::shared_ptr<Client> connected(Deadline deadline, bool& is_new) {
    {
      const std::scoped_lock lock(mutex_);
      if (client_) return client_;
    }
    // Others are not kept waiting meanwhile; they may do the same.
    auto connection = connect_to(socket_, deadline);
    if (!connection) return nullptr;
    const outrider_cri_interface* module = cri_module();
    if (module == nullptr) return nullptr;
    void* handle = module->open(connection->release());
    if (handle == nullptr) return nullptr;
    is_new = true;
    auto client = std::make_shared<Client>(*module, handle);
    const std::scoped_lock lock(mutex_);
    client_ = client;
    return client;
  }

  void disconnect(const std::shared_ptr<Client>& client) {
    const std::scoped_lock lock(mutex_);
    if (client_ == client) client_ = nullptr;
  }

  const RuntimeSocket socket_;
  const Runtime runtime_;
  std::mutex mutex_;
  std::shared_ptr<Client> client_;
};

}  // namespace

std::span<const CriSocket> cri_sockets() { return kSockets; }

std::shared_ptr<ContainerSource> make_cri_source(const std::string& root, const CriSocket& socket,
                                                 uid_t owner) {
  return std::make_shared<CriSource>(
      RuntimeSocket{.root = root, .path = std::string(socket.path), .owner = owner},
      socket.runtime);
}

std::string cri_module_status() {
  const std::scoped_lock lock(module_mutex);
  if (!loaded_module) return "not needed yet";
  return *loaded_module ? "loaded" : loaded_module->error().message;
}

}  // namespace outrider
