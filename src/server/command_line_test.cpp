#include "server/command_line.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace rb::server {
namespace {

Result<Command> parse(const std::vector<const char*>& arguments) {
    return parse_command_line(arguments);
}

TEST(CommandLine, knows_its_four_forms) {
    EXPECT_EQ(*parse({}), Command::serve);
    EXPECT_EQ(*parse({"--check-config"}), Command::check_config);
    EXPECT_EQ(*parse({"--version"}), Command::show_version);
    EXPECT_EQ(*parse({"--help"}), Command::show_help);
}

TEST(CommandLine, refuses_what_it_does_not_know_by_name) {
    EXPECT_NE(parse({"--prot"}).error().message.find("--prot"), std::string::npos);
    EXPECT_NE(parse({"--help", "me"}).error().message.find("me"), std::string::npos);
}

}  // namespace
}  // namespace rb::server
