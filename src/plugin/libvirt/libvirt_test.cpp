#include "plugin/libvirt/domain_plan.hpp"
#include "plugin/libvirt/libvirt_client.hpp"
#include "plugin/libvirt/libvirt_uri.hpp"
#include "plugin/libvirt/seed_image.hpp"
#include "plugin/libvirt/xml_document.hpp"
#include "plugin/limits.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <map>
#include <thread>
#include <vector>

namespace rb::plugin {
namespace {

using std::chrono::milliseconds;

class QuietLog final : public core::Log {
public:
    [[nodiscard]] bool is_on(core::LogLevel, std::string_view) const override { return false; }
    void write(core::LogLevel, std::string_view, std::string_view, core::LogFields) override {}
};

const std::string in_process = "test:///default";

Result<Json> nothing(virConnect&) {
    return as_result("done");
}

TEST(LibvirtUri, takes_the_hypervisor_of_this_machine_a_socket_and_tls) {
    for (const auto* uri : {"qemu:///system", "test:///default",
                            "qemu+unix:///system?socket=/run/libvirt/libvirt-sock",
                            "test+unix:///default?socket=/tmp/x", "qemu+tls://kvm1.example/system",
                            "qemu+tls://kvm1.example:16514/system?pkipath=/etc/pki/shop"}) {
        EXPECT_TRUE(check_libvirt_uri(uri).has_value()) << uri;
    }
}

TEST(LibvirtUri, takes_nothing_that_runs_a_program_reads_a_file_or_speaks_in_clear) {
    for (const auto* uri : {"",
                            "qemu",
                            "qemu:///session",
                            "qemu:///",
                            "test:///etc/passwd",
                            "xen:///system",
                            "qemu+ssh://kvm1/system",
                            "qemu+ext:///system?command=/bin/sh",
                            "qemu+tcp://kvm1/system",
                            "qemu+libssh2://kvm1/system",
                            "qemu+unix:///system?command=/bin/sh",
                            "qemu+unix:///system?socket=relative",
                            "qemu+unix:///system?socket",
                            "qemu+tls:///system",
                            "qemu+tls://kvm1/system?no_verify=1",
                            "qemu+tls://kvm1/system?pkipath=/x;no_verify=1",
                            "qemu+tls://kvm1/system?pkipath=/x&no_verify=1",
                            "qemu://kvm1/system",
                            "qemu+tls://root@kvm1/system",
                            "qemu+unix:///system?sock%65t=/x",
                            "qemu:///system#x"}) {
        EXPECT_TRUE(check_libvirt_uri(uri).has_error()) << uri;
    }
    const std::string base = "qemu+unix:///system?socket=/";
    EXPECT_TRUE(check_libvirt_uri(base + std::string(libvirt_uri_bytes_max - base.size(), 'a'))
                    .has_value());
    EXPECT_TRUE(check_libvirt_uri(base + std::string(libvirt_uri_bytes_max - base.size() + 1, 'a'))
                    .has_error());
}

TEST(DomainXml, keeps_every_value_a_value) {
    DomainPlan plan;
    plan.name = "rb-1";
    plan.title = "</title><devices><disk/></devices>&\"'";
    plan.interface_id = "kvm";
    plan.metadata = {{"name", "<rb:entry name=\"key\">stolen</rb:entry>"}};
    plan.virt_type = "kvm";
    plan.memory_mb = 512;
    plan.vcpus = 2;
    plan.disks = {{.path = "/pool/rb-1.qcow2", .format = "qcow2"},
                  {.path = "/pool/rb-1-seed.iso", .format = "raw", .is_read_only = true}};
    plan.network = "default";
    plan.bandwidth_mbps = 100;
    const auto document = parse_xml_document(domain_xml(plan));
    ASSERT_TRUE(document.has_value());
    auto& root = root_of(*document);
    EXPECT_EQ(text_of_element(*find_element(root, {"title"})), plan.title);
    EXPECT_EQ(text_of_element(*find_element(root, {"metadata", "server", "entry"})),
              plan.metadata["name"]);
    auto& devices = *find_element(root, {"devices"});
    EXPECT_EQ(elements_of(devices, "disk").size(), 2U);
    EXPECT_EQ(
        attribute_of(*find_element(devices, {"interface", "bandwidth", "inbound"}), "average"),
        "12500");
    EXPECT_EQ(attribute_of(*find_element(devices, {"interface", "mac"}), "address"),
              mac_of_domain("rb-1"));
    EXPECT_NE(uuid_of_domain("rb-1"), uuid_of_domain("rb-2"));
}

TEST(DomainXml, changes_sizes_and_leaves_what_a_person_added) {
    const auto document = parse_xml_document(
        "<domain><memory unit='KiB'>1024</memory><currentMemory unit='KiB'>512</currentMemory>"
        "<vcpu current='1'>2</vcpu><devices><interface><bandwidth><inbound average='1'/>"
        "</bandwidth></interface><watchdog model='i6300esb'/></devices></domain>");
    ASSERT_TRUE(document.has_value());
    auto& root = root_of(*document);
    apply_sizes(root, {.memory_mb = 2048, .vcpus = 4, .bandwidth_mbps = 8});
    EXPECT_EQ(text_of_element(*find_element(root, {"currentMemory"})), "2048");
    EXPECT_EQ(attribute_of(*find_element(root, {"memory"}), "unit"), "MiB");
    EXPECT_EQ(text_of_element(*find_element(root, {"vcpu"})), "4");
    EXPECT_EQ(attribute_of(*find_element(root, {"vcpu"}), "current"), "");
    auto& card = *find_element(root, {"devices", "interface"});
    ASSERT_EQ(elements_of(card, "bandwidth").size(), 1U);
    EXPECT_EQ(attribute_of(*find_element(card, {"bandwidth", "inbound"}), "average"), "1000");
    EXPECT_NE(find_element(root, {"devices", "watchdog"}), nullptr);
}

// The files of an image, read by the library that every `bsdtar` uses.
std::map<std::string, std::string> files_in(const std::string& image) {
    std::map<std::string, std::string> files;
    auto* reader = archive_read_new();
    archive_read_support_format_iso9660(reader);
    EXPECT_EQ(archive_read_open_memory(reader, image.data(), image.size()), ARCHIVE_OK);
    archive_entry* entry = nullptr;
    while (archive_read_next_header(reader, &entry) == ARCHIVE_OK) {
        if (archive_entry_filetype(entry) != AE_IFREG) continue;
        std::string content(static_cast<std::size_t>(archive_entry_size(entry)), '\0');
        EXPECT_EQ(archive_read_data(reader, content.data(), content.size()),
                  static_cast<la_ssize_t>(content.size()));
        files[archive_entry_pathname(entry)] = content;
    }
    archive_read_free(reader);
    return files;
}

TEST(SeedImage, is_a_cidata_volume_with_the_files_of_nocloud) {
    const auto image = make_seed_image({.user_data = {{"hostname", "vm-1\nruncmd: [reboot]"}},
                                        .meta_data = {{"instance-id", "易云"}},
                                        .network_config = {{"version", 2}},
                                        .vendor_data = "#cloud-config\npackages: [htop]\n"});
    ASSERT_TRUE(image.has_value()) << image.error().message;
    // ECMA-119, 8.4: the primary volume descriptor is sector 16, its volume identifier at byte 40.
    EXPECT_EQ(image->substr(16UL * 2048 + 40, 7), "CIDATA ");
    const auto files = files_in(*image);
    EXPECT_EQ(files.at("user-data"), "#cloud-config\n{\"hostname\":\"vm-1\\nruncmd: [reboot]\"}")
        << "an input cannot add a line of its own";
    EXPECT_EQ(files.at("meta-data"), "{\"instance-id\":\"易云\"}");
    EXPECT_EQ(files.at("network-config"), "{\"version\":2}");
    EXPECT_EQ(files.at("vendor-data"), "#cloud-config\npackages: [htop]\n");
    EXPECT_FALSE(files_in(*make_seed_image({})).contains("network-config"));
}

TEST(SeedImage, refuses_what_cloud_init_could_not_read) {
    EXPECT_TRUE(make_seed_image({.user_data = "text"}).has_error());
    EXPECT_TRUE(make_seed_image({.user_data = {{"a", "\x7f"}}}).has_error());
    EXPECT_TRUE(make_seed_image({.user_data = {{"a", "\xff"}}}).has_error());
    EXPECT_TRUE(make_seed_image({.vendor_data = std::string("a\0b", 3)}).has_error());
    const auto overhead = std::string("#cloud-config\n{}{}").size();
    const std::string fits(seed_files_bytes_max - overhead, 'a');
    EXPECT_TRUE(make_seed_image({.vendor_data = fits}).has_value());
    EXPECT_EQ(make_seed_image({.vendor_data = fits + "a"}).error().code, ErrorCode::too_large);
}

TEST(LibvirtClient, runs_a_job_on_a_hypervisor_and_gives_its_answer) {
    QuietLog log;
    LibvirtClient client(log);
    const auto answer = client.run(in_process, nothing, milliseconds(20'000));
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(*answer, Json("done"));
    EXPECT_EQ(client.calls_out(in_process), 0);
}

TEST(LibvirtClient, tells_who_is_not_there_and_stops_asking) {
    QuietLog log;
    LibvirtClient client(log);
    const std::string uri = "test+unix:///default?socket=/nowhere/libvirt-sock";
    for (int i = 0; i < breaker_failures_max; ++i) {
        EXPECT_EQ(client.circuit_of(uri), CircuitState::closed);
        const auto answer = client.run(uri, nothing, milliseconds(20'000));
        EXPECT_EQ(answer.error().code, ErrorCode::plugin_failed);
    }
    EXPECT_EQ(client.circuit_of(uri), CircuitState::open);
}

// A socket that takes connections and never says a word: a libvirtd that hangs.
class SilentSocket {
public:
    SilentSocket() : folder_(std::filesystem::temp_directory_path() / "rb-silent-XXXXXX") {
        auto pattern = folder_.string();
        folder_ = ::mkdtemp(pattern.data());
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path().copy(address.sun_path, sizeof address.sun_path - 1);
        socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        EXPECT_EQ(::listen(socket_, 64), 0);
    }
    ~SilentSocket() { hang_up(); }
    SilentSocket(const SilentSocket&) = delete;
    SilentSocket& operator=(const SilentSocket&) = delete;

    [[nodiscard]] std::string path() const { return folder_ / "sock"; }
    void hang_up() {
        if (socket_ < 0) return;
        ::close(socket_);
        socket_ = -1;
        std::filesystem::remove_all(folder_);
    }

private:
    std::filesystem::path folder_;
    int socket_ = -1;
};

TEST(LibvirtClient, leaves_a_hung_libvirtd_behind_and_does_not_run_the_job_later) {
    QuietLog log;
    LibvirtClient client(log);
    SilentSocket silent;
    const auto uri = "test+unix:///default?socket=" + silent.path();
    std::atomic<int> ran = 0;
    for (int i = 0; i < breaker_failures_max; ++i) {
        const auto answer = client.run(
            uri,
            [&ran](virConnect&) {
                ++ran;
                return as_result(Json());
            },
            milliseconds(20));
        EXPECT_EQ(answer.error().code, ErrorCode::plugin_failed) << "it certainly did not happen";
    }
    EXPECT_EQ(client.circuit_of(uri), CircuitState::open);
    EXPECT_EQ(client.calls_out(uri), breaker_failures_max);
    silent.hang_up();
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (client.calls_out(uri) > 0 && std::chrono::steady_clock::now() < patience) {
        std::this_thread::yield();
    }
    EXPECT_EQ(client.calls_out(uri), 0) << "its threads end with the connection";
    EXPECT_EQ(ran, 0);
}

TEST(LibvirtClient, does_not_know_what_became_of_a_job_that_outlives_its_time) {
    QuietLog log;
    LibvirtClient client(log);
    std::promise<void> let_go;
    const auto held = let_go.get_future().share();
    const auto began = std::make_shared<std::promise<void>>();
    const auto answer = client.run(
        in_process,
        [held, began](virConnect&) {
            began->set_value();
            held.wait();
            return as_result(Json());
        },
        milliseconds(2'000));
    EXPECT_EQ(began->get_future().wait_for(milliseconds(0)), std::future_status::ready);
    EXPECT_EQ(answer.error().code, ErrorCode::outcome_unknown);
    let_go.set_value();
}

TEST(LibvirtClient, bounds_the_calls_that_have_not_come_back) {
    QuietLog log;
    LibvirtClient client(log);
    std::promise<void> let_go;
    const auto held = let_go.get_future().share();
    std::vector<std::future<Result<Json>>> out;
    std::vector<std::thread> callers;
    for (int i = 0; i < libvirt_calls_per_uri_max; ++i) {
        std::packaged_task<Result<Json>()> task([&client, held] {
            return client.run(
                in_process,
                [held](virConnect&) {
                    held.wait();
                    return as_result(Json());
                },
                milliseconds(60'000));
        });
        out.push_back(task.get_future());
        callers.emplace_back(std::move(task));
    }
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (client.calls_out(in_process) < libvirt_calls_per_uri_max &&
           std::chrono::steady_clock::now() < patience) {
        std::this_thread::yield();
    }
    const auto turned_away = client.run(in_process, nothing, milliseconds(60'000));
    EXPECT_EQ(turned_away.error().code, ErrorCode::plugin_failed);
    let_go.set_value();
    for (auto& caller : callers) caller.join();
    for (auto& answer : out) EXPECT_TRUE(answer.get().has_value());
    EXPECT_TRUE(client.run(in_process, nothing, milliseconds(60'000)).has_value());
}

}  // namespace
}  // namespace rb::plugin
