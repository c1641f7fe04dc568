// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/storage_files.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "support/host_directory.h"

namespace outrider {
namespace {

constexpr std::string_view kId = "2640478a996b50d951b36a426781a4b50ed7ef101a3dc125c7b04c79562f2550";
constexpr std::string_view kImage =
    "7c2824033cc11e73ffd48ee087daba3d445c15c3538d2d9c3f28c3f767c8f5b7";
constexpr std::string_view kDigest =
    "sha256:ab1703efac45836a1323769ab32fe1bd33e490614fb3b4b595e4c93741018193";
constexpr std::string_view kStorage = "/var/lib/containers/storage";

const CgroupPlace kMachine{.path = "/x", .rootless_uid = 0, .rootless_base = {}};

// As Podman 4.3 writes them.
std::string containers_json(std::string_view id, std::string_view name) {
  return fmt::format(
      R"([{{"id": "{0}", "names": ["{1}"], "image": "{2}", "layer": "8e9a",
          "metadata": "{{\"image-name\":\"localhost/busy:latest\",\"image-id\":\"{2}\",\"name\":\"{1}\",\"created-at\":1795284060}}",
          "created": "2026-11-21T18:01:00.767647795Z", "flags": {{"MountLabel": ""}}}}])",
      id, name, kImage);
}
std::string images_json() {
  return fmt::format(R"([{{"id": "2621", "digest": "sha256:3f66", "names": ["other"]}},
      {{"id": "{}", "digest": "{}", "names": ["localhost/busy:latest"], "layer": "9f16"}}])",
                     kImage, kDigest);
}

TEST(StorageFiles, IsPodmans) {
  const test::HostDirectory host;
  host.write(fmt::format("{}/overlay-containers/containers.json", kStorage),
             containers_json(kId, "web"));
  host.write(fmt::format("{}/overlay-images/images.json", kStorage), images_json());
  const HostFiles files(host.path());
  StorageFiles storage(files);
  const auto container = storage.describe(kId, kMachine, {});
  ASSERT_TRUE(container);
  EXPECT_EQ(container->runtime, Runtime::kPodman);
  EXPECT_EQ(container->name, (SourcedText{"web", NameSource::kStorage}));
  EXPECT_EQ(container->image.text, "localhost/busy:latest");
  EXPECT_EQ(container->image_id.text, fmt::format("sha256:{}", kImage));
  EXPECT_EQ(container->image_digest.text, kDigest);
  EXPECT_EQ(container->created, 1'795'284'060'767'647'795);
  EXPECT_FALSE(storage.describe("none", kMachine, {}));
  EXPECT_FALSE(storage.describe("../x", kMachine, {}));
}

TEST(StorageFiles, IsPodmansWhereverItIs) {
  const test::HostDirectory host;
  const HostFiles files(host.path());
  StorageFiles storage(files);
  const auto name_of = [&storage](std::string_view bundle) {
    const auto container = storage.describe(kId, kMachine, {std::string(bundle), {}});
    return container ? container->name.text : "";
  };
  EXPECT_EQ(name_of(""), "");
  host.write("/run/containers/storage/overlay-containers/volatile-containers.json",
             containers_json(kId, "transient"));
  EXPECT_EQ(name_of(""), "transient");
  host.write(fmt::format("{}/overlay-containers/volatile-containers.json", kStorage),
             containers_json(kId, "removed at its end"));
  EXPECT_EQ(name_of(""), "removed at its end");
  host.write("/data/vfs-containers/containers.json", containers_json(kId, "elsewhere"));
  EXPECT_EQ(name_of(fmt::format("/data/vfs-containers/{}/userdata", kId)), "elsewhere");
  for (const std::string_view odd : {"-containers/", "/-containers//userdata", "userdata", "/"}) {
    EXPECT_EQ(name_of(odd), "removed at its end") << odd;
  }
}

TEST(StorageFiles, IsReadAgainWhenItChanges) {
  const test::HostDirectory host;
  const std::string file = fmt::format("{}/overlay-containers/containers.json", kStorage);
  const HostFiles files(host.path());
  StorageFiles storage(files);
  for (int i = 0; i < 20; ++i) {
    // The size stays, and so does the time if it is the same tick of the kernel's clock.
    const std::string name = fmt::format("name{:02}", i);
    host.write(file, containers_json(kId, name));
    const auto container = storage.describe(kId, kMachine, {});
    ASSERT_TRUE(container);
    EXPECT_EQ(container->name.text, name);
  }
  host.write(file, "[{");
  EXPECT_FALSE(storage.describe(kId, kMachine, {}));
  host.remove(file);
  EXPECT_FALSE(storage.describe(kId, kMachine, {}));
}

TEST(StorageFiles, IsCriOs) {
  const test::HostDirectory host;
  host.write(fmt::format("{}/overlay-containers/containers.json", kStorage),
             fmt::format(R"([{{"id": "{}", "names": ["k8s_web_shop-5d9_prod_05b3_0"], "image": "{}",
                 "metadata": "{{\"pod-name\":\"k8s_shop-5d9_prod_05b3_0\",\"pod-id\":\"aa11\",\"image-name\":\"quay.io/shop/web:7\",\"name\":\"k8s_web_shop-5d9_prod_05b3_0\",\"metadata-name\":\"web\",\"uid\":\"05b3\",\"namespace\":\"prod\"}}"}}])",
                         kId, kImage));
  const HostFiles files(host.path());
  StorageFiles storage(files);
  const auto container = storage.describe(kId, kMachine, {});
  ASSERT_TRUE(container);
  EXPECT_EQ(container->runtime, Runtime::kCrio);
  EXPECT_FALSE(container->name.known());
  EXPECT_EQ(container->pod_container.text, "web");
  EXPECT_EQ(container->pod_namespace.text, "prod");
  EXPECT_EQ(container->pod_uid.text, "05b3");
  EXPECT_EQ(container->image.text, "quay.io/shop/web:7");
}

std::string docker_config(std::string_view id, std::string_view name) {
  return fmt::format(R"({{"ID": "{}", "Created": "2026-11-21T18:01:00.5Z", "Image": "sha256:{}",
      "Name": "/{}", "State": {{"Running": true}},
      "Config": {{"Hostname": "2640478a996b", "Image": "nginx:1.25",
                  "Labels": {{"team": "x", "com.docker.compose.service": "web"}}}},
      "ImageManifest": {{"digest": "{}"}}}})",
                     id, kImage, name, kDigest);
}

TEST(StorageFiles, IsDockers) {
  const test::HostDirectory host;
  const std::string directory = fmt::format("/var/lib/docker/containers/{}", kId);
  host.write(directory + "/config.v2.json", docker_config(kId, "shop-web-1"));
  const HostFiles files(host.path());
  StorageFiles storage(files);
  auto container = storage.describe(kId, kMachine, {});
  ASSERT_TRUE(container);
  EXPECT_EQ(container->runtime, Runtime::kDocker);
  EXPECT_EQ(container->name.text, "shop-web-1");
  EXPECT_EQ(container->image.text, "nginx:1.25");
  EXPECT_EQ(container->image_id.text, fmt::format("sha256:{}", kImage));
  EXPECT_EQ(container->image_digest.text, kDigest);
  EXPECT_EQ(container->created, 1'795'284'060'500'000'000);
  ASSERT_EQ(container->labels.size(), 2u);
  EXPECT_EQ(container->labels.at(1).second, "x");
  EXPECT_EQ(container->privileged, std::nullopt);
  host.write(directory + "/hostconfig.json", R"({"Privileged": true})");
  EXPECT_EQ(storage.describe(kId, kMachine, {})->privileged, true);

  // Where a bundle says that they are, and only of this id.
  const std::string elsewhere = "/data/containers/x";
  host.write(elsewhere + "/config.v2.json", docker_config(kId, "moved"));
  EXPECT_EQ(storage.describe(kId, kMachine, {{}, elsewhere})->name.text, "moved");
  host.write(elsewhere + "/config.v2.json", docker_config("another", "moved"));
  EXPECT_EQ(storage.describe(kId, kMachine, {{}, elsewhere})->name.text, "shop-web-1");
}

TEST(StorageFiles, OfAUserAreOnlyForThatUser) {
  constexpr uid_t kUser = 54321;
  const test::HostDirectory host;
  host.write("/etc/passwd", fmt::format("alice:x:{}:1::/home/alice:/bin/sh\n", kUser));
  const std::string file =
      "/home/alice/.local/share/containers/storage/overlay-containers/containers.json";
  host.write(file, containers_json(kId, "hers"));
  const std::string base = fmt::format("/user.slice/user-{0}.slice/user@{0}.service", kUser);
  const CgroupPlace hers{.path = base + "/x", .rootless_uid = kUser, .rootless_base = base};
  if (!host.give_to(file, kUser)) GTEST_SKIP() << "only root can give files away";
  const HostFiles files(host.path());
  StorageFiles storage(files);
  ASSERT_TRUE(storage.describe(kId, hers, {}));
  EXPECT_EQ(storage.describe(kId, hers, {})->name.text, "hers");
  EXPECT_FALSE(storage.describe(kId, kMachine, {}));
  const std::string bundle = fmt::format(
      "/home/alice/.local/share/containers/storage/overlay-containers/{}/userdata", kId);
  EXPECT_FALSE(storage.describe(kId, kMachine, {bundle, {}}));
  ASSERT_TRUE(host.give_to(file, kUser + 1));
  EXPECT_FALSE(storage.describe(kId, hers, {}));
}

TEST(StorageFiles, NothingIsTakenForWhatItIsNot) {
  const test::HostDirectory host;
  const HostFiles files(host.path());
  StorageFiles storage(files);
  for (const std::string_view text :
       {"", "{}", "[1, null, {}]", R"([{"id": 1}])", R"([{"id": "a", "image": 1}])",
        R"([{"id": "a", "image": "", "names": {}, "metadata": "{"}])"}) {
    host.write(fmt::format("{}/overlay-containers/containers.json", kStorage), text);
    const auto container = storage.describe("a", kMachine, {});
    if (container) {
      EXPECT_FALSE(container->name.known()) << text;
    }
  }
  for (const std::string_view text : {"", "[]", R"({"ID": "a", "Name": 1, "Config": []})",
                                      R"({"ID": "a", "Config": {"Labels": [1]}})"}) {
    host.write("/var/lib/docker/containers/a/config.v2.json", text);
    host.write("/var/lib/docker/containers/a/hostconfig.json", text);
    const auto container = storage.describe("a", kMachine, {});
    if (container) {
      EXPECT_FALSE(container->name.known()) << text;
    }
  }
}

}  // namespace
}  // namespace outrider
