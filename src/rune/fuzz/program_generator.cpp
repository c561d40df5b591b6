#include "rune/fuzz/program_generator.hpp"

#include "rune/diagnostics.hpp"
#include "rune/syntax/lexer.hpp"

namespace rb::rune::model {

namespace {

constexpr int depth_max = 4;

constexpr std::string_view declarations = R"(
struct Point { x, y }
struct Pair(left, right);
enum State { Open, Late(days), Closed { at, by } }
impl Point {
    fn sum(self) { self.x + self.y }
    fn shift(self, by) { self.x += by; self }
}
impl State { fn weight(self) { match self { State::Open => 1, State::Late(d) => d, State::Closed { at, .. } => at } } }
fn half(n) { if n % 2 == 0 { Some(n / 2) } else { None } }
fn quarter(n) { let h = half(n)?; half(h) }
fn count(n) { let i = 0; while i < n { yield i; i += 1; } n }
)";

}  // namespace

std::string ProgramGenerator::number() {
    if (chance(70)) return std::to_string(below(12));
    if (chance(50)) return "-" + std::to_string(below(100));
    return one_of("9223372036854775807", "-9223372036854775808", "32768", "-32769", "65536",
                  "0x7fff", "1_000", "255");
}

std::string ProgramGenerator::integer(int depth) {
    if (depth <= 0 || chance(20)) {
        return !variables_.empty() && chance(60) ? variable() : number();
    }
    const auto sub = [&] { return integer(depth - 1); };
    switch (below(20)) {
        case 0:
        case 1:
        case 2:
        case 3:
            return "(" + sub() + one_of(" + ", " - ", " * ", " / ", " % ") + sub() + ")";
        case 4:
            return "(" + sub() + one_of(" & ", " | ", " ^ ") + sub() + ")";
        case 5:
            return "(" + sub() + one_of(" << ", " >> ") + std::to_string(below(66)) + ")";
        case 6:
            return "(-" + sub() + ")";
        case 7:
            return "(if " + condition(depth - 1) + " { " + sub() + " } else { " + sub() + " })";
        case 8:
            return functions_ == 0
                       ? sub()
                       : "f" + std::to_string(below(functions_)) + "(" + sub() + ", " + sub() + ")";
        case 9:
            return "(Point { x: " + sub() + ", y: " + sub() + " })" +
                   one_of(".x", ".sum()", ".shift(3).x", "[\"y\"]");
        case 10:
            return "Pair(" + sub() + ", " + sub() + ")" + one_of(".0", ".1");
        case 11:
            return "[" + sub() + ", " + sub() + ", " + sub() + "][" + std::to_string(below(4)) +
                   "]";
        case 12:
            return "(|a, b| a " + one_of("+", "-", "*") + " b)(" + sub() + ", " + sub() + ")";
        case 13:
            return "(match " + state(depth - 1) + " " + matching(depth - 1) + ")";
        case 14:
            return state(depth - 1) + ".weight()";
        case 15:
            return "(" + one_of("half", "quarter") + "(" + sub() + ")).unwrap_or(" + sub() + ")";
        case 16:
            return "([" + sub() + ", " + sub() + "].iter().map(|x| x " + one_of("+", "*", "^") +
                   " 3).sum::<i64>())";
        case 17:
            return "#{ k: " + sub() + ", \"l\": " + sub() + " }" + one_of(".k", ".l", "[\"k\"]");
        case 18:
            return "(" + text(depth - 1) + ".len() as i64)";
        default:
            return block(depth - 1);
    }
}

std::string ProgramGenerator::condition(int depth) {
    if (depth <= 0) return one_of("true", "false", "1 < 2");
    switch (below(6)) {
        case 0:
            return "(" + condition(depth - 1) + one_of(" && ", " || ") + condition(depth - 1) + ")";
        case 1:
            return "(!" + condition(depth - 1) + ")";
        case 2:
            return "(" + text(depth - 1) + one_of(" == ", " != ", " < ") + text(depth - 1) + ")";
        case 3:
            return "(" + integer(depth - 1) + one_of(" is ", " is not ") +
                   one_of("i64", "String", "Point") + ")";
        default:
            return "(" + integer(depth - 1) + one_of(" == ", " != ", " < ", " > ", " <= ", " >= ") +
                   integer(depth - 1) + ")";
    }
}

std::string ProgramGenerator::text(int depth) {
    if (depth <= 0) return one_of("\"\"", "\"a\"", "\"ab\\n\"", "`t`");
    if (chance(40)) return "(" + text(depth - 1) + " + " + text(depth - 1) + ")";
    return "`<${" + integer(depth - 1) + "}|${" + condition(depth - 1) + "}>`";
}

std::string ProgramGenerator::state(int depth) {
    switch (below(3)) {
        case 0:
            return "State::Open";
        case 1:
            return "State::Late(" + integer(depth - 1) + ")";
        default:
            return "(State::Closed { at: " + integer(depth - 1) + ", by: " + text(depth - 1) +
                   " })";
    }
}

std::string ProgramGenerator::matching(int depth) {
    std::string arms = "{ ";
    if (chance(50)) arms += "State::Late(1) => " + integer(depth - 1) + ", ";
    if (chance(50)) arms += "State::Open => " + integer(depth - 1) + ", ";
    if (chance(60)) arms += "State::Late(d) if d > 3 => d, ";
    if (chance(60)) arms += "State::Closed { at, .. } => { at } ";
    return arms + "_ => " + integer(depth - 1) + " }";
}

std::string ProgramGenerator::block(int depth) {
    const std::size_t visible = variables_.size();
    std::string result = "{ " + statements(depth);
    result += integer(depth) + " }";
    variables_.resize(visible);
    return result;
}

std::string ProgramGenerator::statements(int depth) {
    std::string result;
    for (std::size_t count = 1 + below(3); count > 0; --count) result += statement(depth);
    return result;
}

std::string ProgramGenerator::loop(int depth) {
    const auto body = [&](const std::string& first) {
        return " { " + first + statements(depth - 1) + "} ";
    };
    const std::string name = fresh_name();
    switch (below(3)) {
        case 0:
            variables_.push_back(name);
            return "for " + name + " in " + std::to_string(below(4)) + one_of("..", "..=") +
                   std::to_string(below(8)) + body("");
        case 1: {
            const std::string items =
                one_of("[1, 5, 9]", "count(3)", "[4, 2].iter().rev()", "(7, 8)");
            variables_.push_back(name);
            return "for " + name + " in " + items +
                   body((chance(30) ? "if " + name + " > 4 { break; } " : "") +
                        (chance(30) ? "if " + name + " == 2 { continue; } " : ""));
        }
        default:
            return "let " + name + " = 0; while " + name + " < " + std::to_string(below(6)) +
                   body(name + " += 1; ");
    }
}

std::string ProgramGenerator::statement(int depth) {
    const auto scoped = [&](const std::string& body) { return "{ " + body + "} "; };
    const std::size_t visible = variables_.size();
    std::string result;
    switch (depth <= 0 ? below(3) : below(11)) {
        case 0:
        case 1: {
            const std::string value = integer(depth - 1);
            const std::string name = fresh_name();
            variables_.push_back(name);
            return "let " + name + " = " + value + "; ";
        }
        case 2:
            if (variables_.empty()) return "";
            return variable() + one_of(" = ", " += ", " -= ", " *= ", " ^= ") + integer(depth - 1) +
                   "; ";
        case 3:
            result = "if " + condition(depth - 1) + " ";
            result += scoped(statements(depth - 1));
            variables_.resize(visible);
            if (chance(50)) result += "else " + scoped(statements(depth - 1));
            break;
        case 4:
        case 5:
        case 6:
            if (loops_ >= 3) return "";
            ++loops_;
            result = loop(depth);
            --loops_;
            break;
        case 7: {
            const std::string first = fresh_name();
            const std::string second = fresh_name();
            result = "let (" + first + ", [" + second + ", ..]) = (" + integer(depth - 1) + ", [" +
                     integer(depth - 1) + ", 0]); ";
            variables_.push_back(first);
            variables_.push_back(second);
            return result;
        }
        case 8:
            return "println!(\"{} {:?}\", " + integer(depth - 1) + ", " + state(depth - 1) + "); ";
        case 9:
            result = "if let Some(inner) = half(" + integer(depth - 1) + ") ";
            variables_.push_back("inner");
            result += scoped(statements(depth - 1));
            break;
        default: {
            const std::string name = fresh_name();
            result = "let " + name + " = 'out: loop { if " + condition(depth - 1) +
                     " { break 'out " + integer(depth - 1) + "; } break " + integer(depth - 1) +
                     "; }; ";
            variables_.push_back(name);
            return result;
        }
    }
    variables_.resize(visible);
    return result;
}

std::string ProgramGenerator::function(std::size_t index) {
    variables_ = {"a", "b"};
    std::string result = "fn f" + std::to_string(index) + "(a, b) { " + statements(3);
    if (chance(30)) result += "if " + condition(2) + " { return " + integer(2) + "; } ";
    result += integer(3) + " }\n";
    variables_.clear();
    return result;
}

std::string ProgramGenerator::program() {
    std::string result(declarations);
    for (functions_ = 0; functions_ < 3;) {
        const std::string body = function(functions_);
        result += body;
        ++functions_;
    }
    result += "pub fn main() { ";
    for (int i = 0; i < 4; ++i) result += statement(depth_max);
    return result + "[" + integer(depth_max) + ", " + text(3) + ", " + state(3) + "] }\n";
}

std::string ProgramGenerator::constant() {
    const auto number_of = [this](auto& self, int depth) -> std::string {
        if (depth <= 0) return number();
        const auto sub = [&] { return self(self, depth - 1); };
        switch (below(9)) {
            case 0:
            case 1:
            case 2:
                return "(" + sub() + one_of(" + ", " - ", " * ", " / ", " % ") + sub() + ")";
            case 3:
                return "(" + sub() + one_of(" & ", " | ", " ^ ", " << ", " >> ") + sub() + ")";
            case 4:
                return "(if " + sub() + one_of(" < ", " == ", " >= ") + sub() + " { " + sub() +
                       " } else { " + sub() + " })";
            case 5:
                return "({ let x = " + sub() + "; let i = 0; while i < " +
                       std::to_string(below(5)) + " { x " + one_of("+=", "-=", "^=") + " " + sub() +
                       "; i += 1; } x })";
            case 6:
                return "(" + sub() + ", " + sub() + ")" + one_of(".0", ".1");
            case 7:
                return "#{ k: " + sub() + " }.k";
            default:
                return "double(" + sub() + ")";
        }
    };
    std::string value = number_of(number_of, 3);
    switch (below(5)) {
        case 0:
            return "`${" + value + "}-${" + number_of(number_of, 1) + " < 3}`";
        case 1:
            return "[" + value + ", \"s\" + \"t\", 'c', b\"xy\", 1.5 * 2.0, 7u64 - 2u64]";
        case 2:
            return "#{ a: " + value + ", b: (1, true && false) }";
        default:
            return value;
    }
}

std::string ProgramGenerator::respaced(std::string_view text) {
    const std::vector<Source> sources = {{"respaced.rn", std::string(text)}};
    DiagnosticSink sink(sources);
    std::string result;
    int in_template = 0;
    std::uint32_t end = 0;
    for (const Token& token : tokenize(sources[0].text, 0, sink)) {
        const bool text_part = token.kind == TokenKind::template_text ||
                               token.kind == TokenKind::template_close ||
                               token.kind == TokenKind::hole_open;
        // Blanks count between tokens of code alone: not in a text, nor where there were none.
        if (!text_part && token.start > end) {
            result += one_of(" ", "\n", "\n\n\n", "\t ", " /* c */ ", " // c\n", "  \n ");
        }
        if (token.kind == TokenKind::template_open) ++in_template;
        if (token.kind == TokenKind::template_close) --in_template;
        result += text.substr(token.start, token.end - token.start);
        end = token.end;
    }
    return result;
}

}  // namespace rb::rune::model
