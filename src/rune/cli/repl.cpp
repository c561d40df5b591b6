#include "rune/cli/repl.hpp"

#include "rune/cli/script_file.hpp"
#include "rune/modules/modules.hpp"

#include <array>
#include <istream>
#include <ostream>

namespace rb::rune::cli {
namespace {

// Whether printing is heard: off while earlier lines run again.
struct Session {
    bool audible = false;
};

std::shared_ptr<const Context> repl_context() {
    auto modules = all_modules();
    Module repl("repl");
    repl.function("new_line", [](Vm& vm) { vm.host_state<Session>().audible = true; });
    modules.push_back(std::move(repl));
    return Context::create({.modules = std::move(modules)});
}

bool is_item(std::string_view line) {
    constexpr std::array<std::string_view, 10> starts = {
        "fn ", "pub ", "struct ", "enum ", "impl ", "mod ", "use ", "const ", "#[", "static "};
    for (const std::string_view start : starts) {
        if (line.starts_with(start)) return true;
    }
    return line.starts_with("async fn ");
}

// More opening than closing brackets; texts with brackets in them only cost one more line.
bool is_open(std::string_view text) {
    int depth = 0;
    for (const char c : text) {
        if (c == '(' || c == '[' || c == '{') ++depth;
        if (c == ')' || c == ']' || c == '}') --depth;
    }
    return depth > 0;
}

class Repl {
public:
    Repl(const RunOptions& options, std::ostream& out)
        : options_(options), out_(out), context_(repl_context()) {}

    void evaluate(const std::string& line) {
        const bool item = is_item(line);
        Compilation compilation = item ? compile_with(line + "\n", "") : compile_with("", line);
        if (!compilation.ok()) {
            // `let x = 1` is whole to whoever types it.
            Compilation ended = compile_with("", line + "\n;");
            if (item || !ended.ok()) {
                out_ << compilation.to_string();
                return;
            }
            compilation = std::move(ended);
        }
        if (run(compilation.unit, !item)) keep(line, item);
    }

private:
    // What was kept so far, with one more item and behind it one more statement.
    Compilation compile_with(const std::string& item, const std::string& statement) const {
        const std::string source =
            items_ + item + statements_ + "repl::new_line();\n" + statement + "\n";
        return compile({"repl", source}, context_, {.script_mode = true});
    }

    bool run(const std::shared_ptr<const Unit>& unit, bool show) {
        const auto session = std::make_shared<Session>();
        VmOptions vm_options{.limits = options_.limits()};
        vm_options.host_state = session;
        vm_options.print = [&](std::string_view text) {
            if (session->audible) out_ << text;
        };
        Vm vm(unit, std::move(vm_options));
        const RunResult<Value> result = vm.call("main");
        if (result.has_error()) {
            out_ << to_string(*unit, result.error()) << '\n';
            return false;
        }
        try {
            if (show && !result->is_unit()) out_ << vm.debug(*result) << '\n';
        } catch (const Raise& raised) {
            out_ << raised.message << '\n';
        }
        return true;
    }

    void keep(const std::string& line, bool item) {
        if (item) {
            items_ += line + "\n";
        } else {
            // The tail of the body must become a statement once something follows it. Whether a
            // `;` is missing only the parser knows: a comment or a block may end the line.
            const bool is_ended = compile_with("", line + "\nlet _ = ();").ok();
            statements_ += line + (is_ended ? "\n" : "\n;\n");
        }
    }

    const RunOptions& options_;
    std::ostream& out_;
    std::shared_ptr<const Context> context_;
    std::string items_;
    std::string statements_;
};

}  // namespace

int run_repl(const RunOptions& options, std::istream& in, std::ostream& out) {
    Repl repl(options, out);
    std::string text;
    std::string line;
    out << "> " << std::flush;
    while (std::getline(in, line)) {
        text += text.empty() ? line : "\n" + line;
        if (text == ":quit") break;
        if (is_open(text)) {
            out << ". " << std::flush;
            continue;
        }
        if (!text.empty()) repl.evaluate(text);
        text.clear();
        out << "> " << std::flush;
    }
    out << '\n';
    return exit_ok;
}

}  // namespace rb::rune::cli
