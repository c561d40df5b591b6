#include "support/test_database.hpp"

#include "store_pg/migration_runner.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <vector>

namespace rb::test {
namespace {

using store_pg::Connection;
using store_pg::ConnectionOptions;

// Nobody needs a test's rows after a power cut.
constexpr const char* cluster_options =
    "RB_PG_OPTIONS=-c fsync=off -c synchronous_commit=off -c full_page_writes=off "
    "-c shared_buffers=64MB";

[[noreturn]] void give_up(const std::string& why) {
    std::cerr << "test database: " << why << '\n';
    std::_Exit(2);
}

// Runs tools/postgres with these words and returns what it prints.
std::string run_tool(const std::string& tool, std::vector<std::string> words) {
    std::array<int, 2> ends{};
    // Closed on exec: PostgreSQL stays behind and must not hold our end open.
    if (pipe2(ends.data(), O_CLOEXEC) != 0) give_up("cannot make a pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    words.insert(words.begin(), tool);
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::string options(cluster_options);
    std::vector<char*> environment{options.data()};
    for (char** variable = environ; *variable != nullptr; ++variable) {
        environment.push_back(*variable);
    }
    environment.push_back(nullptr);
    pid_t child = 0;
    const int spawned =
        posix_spawn(&child, tool.c_str(), &actions, nullptr, arguments.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (spawned != 0) give_up("cannot run " + tool);
    std::string output;
    std::array<char, 512> buffer{};
    for (ssize_t got = 0; (got = read(ends[0], buffer.data(), buffer.size())) > 0;) {
        output.append(buffer.data(), static_cast<std::size_t>(got));
    }
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0) give_up(tool + " " + words[1] + " failed: " + output);
    while (!output.empty() && output.back() == '\n') output.pop_back();
    return output;
}

// Tests run in the source folder (see rb_test) or below it.
std::string postgres_tool() {
    for (auto folder = std::filesystem::current_path();; folder = folder.parent_path()) {
        if (std::filesystem::exists(folder / "tools/postgres")) {
            return (folder / "tools/postgres").string();
        }
        if (folder == folder.parent_path()) give_up("tools/postgres is not above this folder");
    }
}

std::string without_database(const std::string& url) {
    const auto host = url.find("://");
    const auto slash = url.find('/', host == std::string::npos ? 0 : host + 3);
    return slash == std::string::npos ? url : url.substr(0, slash);
}

// A busy machine may copy a database for longer than a statement of the product may take.
constexpr std::chrono::minutes administration_time{2};

Connection connect(const std::string& url) {
    auto connection = Connection::open({.url = url,
                                        .application_name = "rustbill-test",
                                        .statement_timeout = administration_time});
    if (connection.has_error()) give_up(connection.error().detail);
    return std::move(*connection);
}

// CREATE DATABASE … TEMPLATE copies files; while it runs nobody may be connected to the template.
const std::string& template_database() {
    static const std::string name = [] {
        auto made = "rb_template_" + std::to_string(getpid());
        auto admin = connect(TestCluster::get().url("postgres"));
        (void)admin.run_script("DROP DATABASE IF EXISTS " + made + " WITH (FORCE)");
        if (auto created = admin.run_script("CREATE DATABASE " + made); created.has_error()) {
            give_up(created.error().detail);
        }
        store_pg::MigrationRunner runner({.url = TestCluster::get().url(made)}, core::NodeId());
        if (auto ran = runner.run(); ran.has_error()) {
            give_up(ran.error().message + ": " + ran.error().detail);
        }
        return made;
    }();
    return name;
}

}  // namespace

TestCluster& TestCluster::get() {
    static TestCluster cluster;
    return cluster;
}

TestCluster::TestCluster() {
    if (const char* given = std::getenv("RB_TEST_PG_URL"); given != nullptr && *given != '\0') {
        base_url_ = without_database(given);
        return;
    }
    std::string pattern = (std::filesystem::temp_directory_path() / "rb-test-pg-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) give_up("cannot make a folder for the cluster");
    directory_ = pattern;
    base_url_ = without_database(run_tool(postgres_tool(), {"start", directory_, "0"}));
}

TestCluster::~TestCluster() {
    if (directory_.empty()) {
        // A shared cluster outlives us; our template must not.
        auto admin = Connection::open({.url = url("postgres")});
        if (admin.has_value()) {
            (void)admin->run_script("DROP DATABASE IF EXISTS rb_template_" +
                                    std::to_string(getpid()) + " WITH (FORCE)");
        }
        return;
    }
    run_tool(postgres_tool(), {"stop", directory_, "immediate"});
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

std::string TestCluster::url(const std::string& database) const {
    return base_url_ + "/" + database;
}

void TestCluster::crash() {
    if (!is_private()) give_up("a cluster that is not ours cannot be crashed");
    run_tool(postgres_tool(), {"stop", directory_, "immediate"});
}

void TestCluster::start_again() {
    const auto port = base_url_.substr(base_url_.rfind(':') + 1);
    run_tool(postgres_tool(), {"start", directory_, port});
}

TestDatabase::TestDatabase(Schema schema) {
    static std::atomic<int> counter{0};
    name_ = "rb_test_" + std::to_string(getpid()) + "_" + std::to_string(++counter);
    const auto source = schema == Schema::migrated ? template_database() : "template0";
    auto admin = connect(TestCluster::get().url("postgres"));
    (void)admin.run_script("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
    auto created = admin.run_script("CREATE DATABASE " + name_ + " TEMPLATE " + source);
    if (created.has_error()) give_up(created.error().detail);
    url_ = TestCluster::get().url(name_);
}

TestDatabase::~TestDatabase() {
    database_.reset();
    pool_.reset();
    auto admin = Connection::open({.url = TestCluster::get().url("postgres")});
    if (admin.has_value()) {
        (void)admin->run_script("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
    }
}

store_pg::ConnectionOptions TestDatabase::connection_options() const {
    return {.url = url_, .application_name = "rustbill-test"};
}

store_pg::Pool& TestDatabase::pool() {
    std::call_once(pool_made_, [this] {
        auto made = store_pg::Pool::create({.connection = connection_options(),
                                            .max_connections = 8,
                                            .min_connections = 0,
                                            .acquire_timeout = std::chrono::seconds(30)});
        if (made.has_error()) give_up(made.error().detail);
        pool_ = std::move(*made);
    });
    return *pool_;
}

core::Database& TestDatabase::database() {
    std::call_once(database_made_, [this] {
        database_ = std::make_unique<store_pg::PgDatabase>(pool(), no_faults_);
    });
    return *database_;
}

void TestDatabase::run(const std::string& sql) {
    auto connection = connect(url_);
    const auto ran = connection.run_script(sql);
    ASSERT_TRUE(ran.has_value()) << ran.error().detail << "\n" << sql;
}

std::string TestDatabase::value(const std::string& sql) {
    auto connection = connect(url_);
    const store_pg::Statement statement{"test_value", sql.c_str()};
    const auto rows = connection.run(statement);
    EXPECT_TRUE(rows.has_value()) << (rows.has_error() ? rows.error().detail : "") << "\n" << sql;
    if (rows.has_error() || rows->empty() || rows->front().is_null(0)) return "";
    return rows->front().get<std::string>(0);
}

}  // namespace rb::test
