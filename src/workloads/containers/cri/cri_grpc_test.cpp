// SPDX-License-Identifier: Apache-2.0
//
// The module and a runtime that says what a test tells it to.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cri.grpc.pb.h"
#include "support/temporary_directory.h"
#include "workloads/containers/cri_source.h"

namespace outrider {
namespace {

namespace cri = runtime::v1;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

const std::string kContainer(64, 'c');
const std::string kSandbox(64, 'd');
const std::string kOther(64, 'e');

class FakeRuntime : public cri::RuntimeService::Service {
 public:
  cri::ListContainersResponse list;
  cri::ContainerStatusResponse container;
  cri::PodSandboxStatusResponse sandbox;
  grpc::Status list_status;
  grpc::Status container_status;
  grpc::Status sandbox_status;
  milliseconds pause{0};
  std::atomic<int> calls = 0;

  // A container in a pod, as containerd and kubelet have it.
  FakeRuntime() {
    auto& listed = *list.add_containers();
    listed.set_id(kContainer);
    listed.set_pod_sandbox_id(kSandbox);
    auto& status = *container.mutable_status();
    status.set_id(kContainer);
    status.mutable_metadata()->set_name("web");
    status.set_created_at(1795285771173499489);
    status.mutable_image()->set_image("docker.io/library/nginx:1.25");
    status.set_image_ref("docker.io/library/nginx@sha256:" + std::string(64, 'b'));
    status.set_image_id("sha256:" + std::string(64, 'a'));
    (*status.mutable_labels())["role"] = "front";
    (*status.mutable_annotations())["note"] = "x";
    auto& mount = *status.add_mounts();
    mount.set_container_path("/data");
    mount.set_host_path("/srv");
    mount.set_readonly(true);
    auto& pod = *sandbox.mutable_status();
    pod.set_id(kSandbox);
    pod.mutable_metadata()->set_name("web-7d9");
    pod.mutable_metadata()->set_namespace_("shop");
    pod.mutable_metadata()->set_uid("11111111-2222-3333-4444-555555555555");
    (*pod.mutable_labels())["app"] = "web";
  }

  grpc::Status ListContainers(grpc::ServerContext*, const cri::ListContainersRequest* request,
                              cri::ListContainersResponse* response) override {
    ++calls;
    asked = request->filter().id();
    std::this_thread::sleep_for(pause);
    *response = list;
    return list_status;
  }
  grpc::Status ContainerStatus(grpc::ServerContext*, const cri::ContainerStatusRequest*,
                               cri::ContainerStatusResponse* response) override {
    *response = container;
    return container_status;
  }
  grpc::Status PodSandboxStatus(grpc::ServerContext*, const cri::PodSandboxStatusRequest*,
                                cri::PodSandboxStatusResponse* response) override {
    *response = sandbox;
    return sandbox_status;
  }
  std::string asked;
};

class CriTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = root_.path() + std::string(cri_sockets().front().path);
    std::filesystem::create_directories(std::filesystem::path(path_).parent_path());
    start();
    source_ = make_cri_source(root_.path(), cri_sockets().front(), ::geteuid());
  }
  void start() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("unix:" + path_, grpc::InsecureServerCredentials());
    builder.RegisterService(&runtime_);
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
  }
  void stop() {
    server_->Shutdown(std::chrono::system_clock::now());
    server_->Wait();
    server_.reset();
  }
  std::optional<Container> ask(const std::string& id, milliseconds patience = milliseconds(5000)) {
    return source_->describe(id, steady_clock::now() + patience);
  }

  test::TemporaryDirectory root_;
  std::string path_;
  FakeRuntime runtime_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<ContainerSource> source_;
};

TEST_F(CriTest, AContainerInItsPod) {
  const auto container = ask(kContainer);
  ASSERT_TRUE(container) << cri_module_status();
  EXPECT_EQ(runtime_.asked, kContainer);
  EXPECT_EQ(container->runtime, Runtime::kContainerd);
  EXPECT_EQ(container->id, (SourcedText{kContainer, NameSource::kCri}));
  EXPECT_EQ(container->pod_container.text, "web");
  EXPECT_EQ(container->pod_name.text, "web-7d9");
  EXPECT_EQ(container->pod_namespace.text, "shop");
  EXPECT_EQ(container->pod_uid.text, "11111111-2222-3333-4444-555555555555");
  EXPECT_EQ(container->sandbox_id.text, kSandbox);
  EXPECT_FALSE(container->sandbox);
  EXPECT_EQ(container->image.text, "docker.io/library/nginx:1.25");
  EXPECT_EQ(container->image_digest.text, "sha256:" + std::string(64, 'b'));
  EXPECT_EQ(container->image_id.text, "sha256:" + std::string(64, 'a'));
  EXPECT_EQ(container->created, 1795285771173499489);
  EXPECT_EQ(container->labels,
            (std::vector<std::pair<std::string, std::string>>{{"note", "x"}, {"role", "front"}}));
  ASSERT_TRUE(container->mounts);
  ASSERT_EQ(container->mounts->size(), 1u);
  EXPECT_EQ(
      container->mounts->front(),
      (ContainerMount{.source = "/srv", .destination = "/data", .type = {}, .writable = false}));
}

TEST_F(CriTest, ThePodsOwnContainer) {
  runtime_.list.clear_containers();
  const auto container = ask(kSandbox);
  ASSERT_TRUE(container);
  EXPECT_TRUE(container->sandbox);
  EXPECT_EQ(container->pod_name.text, "web-7d9");
  EXPECT_EQ(container->labels.size(), 1u);
}

TEST_F(CriTest, NothingIsBelievedOfAnother) {
  // A list of others, and of nobody.
  runtime_.sandbox_status = grpc::Status(grpc::StatusCode::NOT_FOUND, "");
  EXPECT_FALSE(ask(kOther));
  // A status of another.
  runtime_.list.mutable_containers(0)->set_id(kOther);
  EXPECT_FALSE(ask(kOther));
  runtime_.sandbox_status = grpc::Status::OK;
  runtime_.list.clear_containers();
  EXPECT_FALSE(ask(kOther)) << "a pod that is another";
  EXPECT_TRUE(ask(kSandbox));
}

TEST_F(CriTest, APodThatHasGoneLeavesWhatTheContainerSays) {
  runtime_.sandbox_status = grpc::Status(grpc::StatusCode::NOT_FOUND, "");
  const auto container = ask(kContainer);
  ASSERT_TRUE(container);
  EXPECT_EQ(container->pod_container.text, "web");
  EXPECT_FALSE(container->pod_name.known());
}

TEST_F(CriTest, ErrorsAndSlownessSayNothing) {
  runtime_.list_status = grpc::Status(grpc::StatusCode::INTERNAL, "no");
  EXPECT_FALSE(ask(kContainer));
  runtime_.list_status = grpc::Status::OK;
  runtime_.container_status = grpc::Status(grpc::StatusCode::NOT_FOUND, "");
  EXPECT_FALSE(ask(kContainer));
  runtime_.container_status = grpc::Status::OK;
  runtime_.pause = milliseconds(1000);
  const auto begin = steady_clock::now();
  EXPECT_FALSE(ask(kContainer, milliseconds(200)));
  EXPECT_LT(steady_clock::now() - begin, milliseconds(900));
}

TEST_F(CriTest, WhatIsTooMuchIsLeftOut) {
  auto& status = *runtime_.container.mutable_status();
  status.mutable_metadata()->set_name(std::string(10'000, 'x'));
  for (int i = 0; i < 5000; ++i) {
    (*status.mutable_labels())["k" + std::to_string(i)] = "v";
    status.add_mounts()->set_container_path("/m");
  }
  (*status.mutable_labels())["zero"] = std::string("a\0b", 3);
  const auto container = ask(kContainer);
  ASSERT_TRUE(container);
  EXPECT_FALSE(container->pod_container.known());
  EXPECT_LE(container->labels.size(), kLabelsMax);
  EXPECT_LE(container->mounts->size(), kMountsMax);
  // More than is taken at all.
  (*status.mutable_labels())["large"] = std::string(5 << 20, 'x');
  EXPECT_FALSE(ask(kContainer));
}

TEST_F(CriTest, ARuntimeThatStartsAgainIsAskedAgain) {
  ASSERT_TRUE(ask(kContainer));
  stop();
  EXPECT_FALSE(ask(kContainer));
  start();
  EXPECT_TRUE(ask(kContainer));
  // Without anybody having asked meanwhile.
  stop();
  start();
  EXPECT_TRUE(ask(kContainer));
}

TEST_F(CriTest, SeveralMayAsk) {
  std::atomic<int> answered = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 20; ++j) answered += ask(kContainer).has_value() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, 80);
}

}  // namespace
}  // namespace outrider
