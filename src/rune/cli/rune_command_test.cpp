// The command as its users see it: exit codes, standard output and standard error.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

struct Outcome {
    int exit_code = -1;
    std::string out;
    std::string err;
};

std::string read(const fs::path& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

class RuneCommand : public ::testing::Test {
protected:
    void SetUp() override {
        std::string name = (fs::temp_directory_path() / "rune_command_XXXXXX").string();
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { fs::remove_all(folder_); }

    std::string file(const std::string& name, const std::string& text) {
        const fs::path path = folder_ / name;
        fs::create_directories(path.parent_path());
        std::ofstream(path) << text;
        return path.string();
    }

    Outcome rune(const std::string& arguments, const std::string& input = "") {
        const std::string in = file("stdin", input);
        const std::string out = (folder_ / "out").string();
        const std::string err = (folder_ / "err").string();
        const int status = std::system(
            (std::string(RUNE_COMMAND) + " " + arguments + " <" + in + " >" + out + " 2>" + err)
                .c_str());
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read(out), read(err)};
    }

    Json json_of(const Outcome& outcome) {
        EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 1) << outcome.out;
        return Json::parse(outcome.out, nullptr, false);
    }

private:
    fs::path folder_;
};

TEST_F(RuneCommand, run_prints_the_debug_form_of_what_main_returns) {
    const auto path = file("a.rn", "pub fn main() { println!(\"hi\"); [1, \"a\", Some(2.5)] }");
    const Outcome result = rune("run " + path);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out, "hi\n[1, \"a\", Some(2.5)]\n");
    EXPECT_EQ(result.err, "");
}

TEST_F(RuneCommand, run_shows_the_line_of_a_run_time_error) {
    const auto path = file("a.rn", "fn half(n) {\n    n / 0\n}\npub fn main() { half(1) }\n");
    const std::string shown = "error[divide_by_zero]: Division by zero\n  --> " + path +
                              ":2:5\n   |\n 2 |     n / 0\n   |     ^^^^^\n";
    const Outcome result = rune("run " + path);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_TRUE(result.err.starts_with(shown)) << result.err;
    EXPECT_NE(result.err.find("  at half ("), std::string::npos) << result.err;
}

TEST_F(RuneCommand, run_json_prints_one_object_and_moves_the_scripts_output_to_stderr) {
    const auto path = file("a.rn", "pub fn main() { println!(\"hi\"); #{ a: [1, ()], b: \"x\" } }");
    const Outcome result = rune("run --json " + path);
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(result.out, "{\"value\":{\"a\":[1,null],\"b\":\"x\"}}\n");
    EXPECT_EQ(result.err, "hi\n");
}

TEST_F(RuneCommand, run_json_accepts_the_option_after_the_file) {
    const auto path = file("a.rn", "pub fn main() { 42 }");
    EXPECT_EQ(rune("run " + path + " --json").out, "{\"value\":42}\n");
}

TEST_F(RuneCommand, run_json_shows_values_without_a_json_form_as_their_debug_text) {
    const auto path = file("a.rn", "struct P { x }\npub fn main() { P { x: 1 } }");
    EXPECT_EQ(json_of(rune("run --json " + path)), Json({{"value", "P {x: 1}"}}));
}

TEST_F(RuneCommand, a_compile_error_ends_with_one_and_names_the_line) {
    const auto path = file("a.rn", "pub fn main() {\n    missing\n}\n");
    const Outcome result = rune("run --json " + path);
    EXPECT_EQ(result.exit_code, 1);
    const Json json = json_of(result);
    EXPECT_EQ(json["error"], "compile");
    EXPECT_EQ(json["line"], 2);
    EXPECT_NE(json["message"].get<std::string>().find("missing"), std::string::npos);
    EXPECT_NE(result.err.find("a.rn:2:5"), std::string::npos) << result.err;
}

TEST_F(RuneCommand, a_runtime_error_ends_with_two_and_names_the_line) {
    const auto path = file("a.rn", "pub fn main() {\n    let z = 0;\n    1 / z\n}\n");
    const Outcome result = rune("run --json " + path);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(json_of(result),
              Json({{"error", "runtime"}, {"message", "Division by zero"}, {"line", 3}}));
    const Outcome plain = rune("run " + path);
    EXPECT_EQ(plain.exit_code, 2);
    EXPECT_EQ(plain.out, "");
    EXPECT_NE(plain.err.find("Division by zero"), std::string::npos);
}

TEST_F(RuneCommand, bad_usage_ends_with_three) {
    EXPECT_EQ(rune("").exit_code, 3);
    EXPECT_EQ(rune("frobnicate").exit_code, 3);
    EXPECT_EQ(rune("run").exit_code, 3);
    EXPECT_EQ(rune("run --depth 0 x.rn").exit_code, 3);
    EXPECT_EQ(rune("run /nonexistent.rn").exit_code, 3);
    EXPECT_EQ(rune("check /nonexistent.rn").exit_code, 3);
    EXPECT_EQ(rune("--help").exit_code, 0);
}

TEST_F(RuneCommand, what_is_no_script_is_refused_in_words) {
    const auto in_folder = file("folder.rn/inner.rn", "pub fn main() {}");
    const std::string folder = in_folder.substr(0, in_folder.rfind('/'));
    for (const char* command : {"run ", "run --json ", "check ", "test ", "fmt "}) {
        const Outcome result = rune(command + folder);
        EXPECT_EQ(result.exit_code, 3) << command;
        EXPECT_NE(result.err.find("cannot read " + folder), std::string::npos) << result.err;
    }
    const Outcome binary = rune("run " + file("b.rn", "pub fn main() {\n \"\xff\x1b[31m\" }"));
    EXPECT_EQ(binary.exit_code, 1);
    EXPECT_NE(binary.err.find("this source is not valid UTF-8"), std::string::npos);
    EXPECT_NE(binary.err.find(":2:3\n"), std::string::npos) << binary.err;
    EXPECT_EQ(binary.err.find('\x1b'), std::string::npos) << "reaches the terminal";
    // It never ends.
    const Outcome device = rune("run /dev/zero");
    EXPECT_EQ(device.exit_code, 1);
    EXPECT_NE(device.err.find("this source is too large"), std::string::npos);
    const Outcome large = rune("run " + file("l.rn", std::string(10 << 20, ' ')));
    EXPECT_EQ(large.exit_code, 1);
    EXPECT_NE(large.err.find("this source is too large"), std::string::npos);
}

TEST_F(RuneCommand, errors_in_endless_lines_and_depths_stay_short) {
    const std::string wide(1 << 20, 'x');
    const std::string deep(50'000, '(');
    for (const std::string& text :
         {"let s = \"" + wide + "\"; nope", "nope; let s = \"" + wide + "\";", deep + "1",
          "`${" + std::string(50'000, '!') + "1}`"}) {
        const Outcome result = rune("run " + file("w.rn", "pub fn main() { " + text + " }"));
        EXPECT_EQ(result.exit_code, 1);
        EXPECT_NE(result.err.find("w.rn:1:"), std::string::npos);
        EXPECT_LT(result.err.size(), 5'000U);
    }
}

TEST_F(RuneCommand, async_main_is_awaited) {
    const auto path = file("a.rn", "async fn two() { 2 }\npub async fn main() { two().await + 1 }");
    EXPECT_EQ(rune("run " + path).out, "3\n");
}

TEST_F(RuneCommand, arguments_reach_main_as_texts) {
    const auto path = file("a.rn", "pub fn main(a, b) { a + b }");
    EXPECT_EQ(rune("run " + path + " x y").out, "\"xy\"\n");
    EXPECT_EQ(rune("run " + path).exit_code, 2);
}

TEST_F(RuneCommand, a_script_is_read_from_the_standard_input) {
    EXPECT_EQ(rune("run -", "pub fn main() { 1 }").out, "1\n");
    EXPECT_EQ(rune("run --script -", "let a = 2; a * 2").out, "4\n");
}

TEST_F(RuneCommand, modules_are_loaded_from_beside_the_file) {
    file("util.rn", "pub fn two() { 2 }");
    const auto path = file("a.rn", "mod util;\npub fn main() { util::two() }");
    const Outcome result = rune("run " + path);
    EXPECT_EQ(result.out, "2\n") << result.err;
}

TEST_F(RuneCommand, limits_end_a_script_with_two) {
    const auto forever = file("a.rn", "pub fn main() { loop {} }");
    EXPECT_NE(rune("run --budget 1000 " + forever).err.find("limited"), std::string::npos);
    EXPECT_EQ(rune("run --budget 1000 " + forever).exit_code, 2);
    EXPECT_EQ(rune("run --timeout-ms 20 " + forever).exit_code, 2);
    const auto deep = file("b.rn", "fn f() { f() + 1 }\npub fn main() { f() }");
    EXPECT_EQ(rune("run --depth 50 " + deep).exit_code, 2);
    const auto big = file("c.rn", "pub fn main() { let s = \"x\"; loop { s += s; } }");
    EXPECT_EQ(rune("run --memory 8 " + big).exit_code, 2);
}

TEST_F(RuneCommand, check_reports_every_error_and_runs_nothing) {
    const auto good = file("a.rn", "pub fn main() { panic!(\"never\") }");
    EXPECT_EQ(rune("check " + good).exit_code, 0);
    EXPECT_EQ(rune("check " + good).out, "");
    const auto bad = file("b.rn", "pub fn a() { one }\npub fn b() { two }\n");
    const Outcome result = rune("check --json " + bad);
    EXPECT_EQ(result.exit_code, 1);
    const Json json = json_of(result);
    ASSERT_EQ(json["diagnostics"].size(), 2U) << json;
    EXPECT_EQ(json["diagnostics"][0]["line"], 1);
    EXPECT_EQ(json["diagnostics"][1]["line"], 2);
    EXPECT_EQ(json["diagnostics"][1]["class"], "missing_local");
}

TEST_F(RuneCommand, test_runs_what_is_marked_and_fails_when_one_fails) {
    const auto path = file("a.rn",
                           "static N = 0;\n"
                           "#[test]\nfn good() { N += 1; assert_eq!(N, 1); }\n"
                           "#[test]\nfn also_good() { N += 1; assert_eq!(N, 1); }\n"
                           "fn not_a_test() { panic!(\"never\") }\n");
    const Outcome passed = rune("test " + path);
    EXPECT_EQ(passed.exit_code, 0) << passed.err;
    EXPECT_NE(passed.out.find("2 passed, 0 failed"), std::string::npos) << passed.out;

    const auto bad =
        file("b.rn", "#[test]\nfn good() {}\n#[test]\nfn bad() {\n    assert!(false);\n}\n");
    const Outcome failed = rune("test --json " + bad);
    EXPECT_EQ(failed.exit_code, 2);
    const Json json = json_of(failed);
    EXPECT_EQ(json["passed"], 1);
    ASSERT_EQ(json["failed"].size(), 1U);
    EXPECT_EQ(json["failed"][0]["test"], "bad");
    EXPECT_EQ(json["failed"][0]["line"], 5);
    EXPECT_EQ(rune("test --filter good " + bad).exit_code, 0);
}

TEST_F(RuneCommand, test_that_returns_err_or_none_has_failed) {
    const auto path = file("a.rn",
                           "#[test]\nfn err() { Err(\"no\")?; }\n"
                           "#[test]\nasync fn none() { None }\n"
                           "#[test]\nfn ok() { Ok(1) }\n"
                           "#[test]\nfn some() { Some(()) }\n");
    const Outcome failed = rune("test --json " + path);
    EXPECT_EQ(failed.exit_code, 2);
    const Json json = json_of(failed);
    EXPECT_EQ(json["passed"], 2);
    ASSERT_EQ(json["failed"].size(), 2U) << json;
    EXPECT_EQ(json["failed"][0]["test"], "err");
    EXPECT_EQ(json["failed"][0]["message"], "the test returned `Err(\"no\")`");
    EXPECT_TRUE(json["failed"][0]["line"].is_null());
    EXPECT_EQ(json["failed"][1]["message"], "the test returned `None`");
}

TEST_F(RuneCommand, fmt_indents_and_leaves_texts_alone) {
    const auto path = file("a.rn",
                           "pub fn main() {\nlet s = \"a\n  b\";   \n\n\nfoo(|x| {\nx\n})\n"
                           ".bar();\n      }\n");
    const std::string wanted =
        "pub fn main() {\n    let s = \"a\n  b\";\n\n    foo(|x| {\n        "
        "x\n    })\n        .bar();\n}\n";
    EXPECT_EQ(rune("fmt --check " + path).exit_code, 1);
    EXPECT_EQ(rune("fmt " + path).exit_code, 0);
    EXPECT_EQ(read(path), wanted);
    EXPECT_EQ(rune("fmt --check " + path).exit_code, 0);
    EXPECT_EQ(rune("fmt -", "fn a(){\n1}").out, "fn a(){\n    1}\n");
}

TEST_F(RuneCommand, repl_keeps_items_and_variables) {
    const Outcome result = rune("repl",
                                "let a = 2;\nfn twice(x) {\n x * 2 }\ntwice(a)\nprintln!(\"p\");\n"
                                "nonsense\na + 1\n:quit\n");
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_NE(result.out.find("> 4\n"), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("> p\n> "), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("nonsense"), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("> 3\n"), std::string::npos) << result.out;
}

TEST_F(RuneCommand, repl_lines_need_no_semicolon) {
    const Outcome result =
        rune("repl",
             "struct P { x }\nlet p = P { x: 3 }\nP { x: 1 }\np.x  // a comment\n"
             "let f = || 8\nf\nif true { 5 }\np.x + f() // and another\n");
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(result.out.find("error"), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("P {x: 1}\n"), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("> 5\n"), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("> 11\n"), std::string::npos) << result.out;
}

}  // namespace
