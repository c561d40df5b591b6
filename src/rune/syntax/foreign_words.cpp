#include "rune/syntax/foreign_words.hpp"

#include <utility>

namespace rb::rune {

namespace {

constexpr std::string_view no_null = "there is no null; use `None` or `()`";
constexpr std::string_view else_if = "write `else if`";
constexpr std::string_view variables = "variables are declared with `let`";
constexpr std::string_view functions = "functions begin with `fn`";
constexpr std::string_view types = "there are no classes or traits; use `struct` and `impl`";
constexpr std::string_view errors =
    "errors are values: return `Err(…)`, and use `?` or `match` on a `Result`";
constexpr std::string_view imports = "names are imported with `use path::name;`";

constexpr std::pair<std::string_view, std::string_view> words[] = {
    {"null", no_null},
    {"nil", no_null},
    {"undefined", no_null},
    {"elif", else_if},
    {"elsif", else_if},
    {"elseif", else_if},
    {"var", variables},
    {"auto", variables},
    {"function", functions},
    {"func", functions},
    {"def", functions},
    {"class", types},
    {"interface", types},
    {"trait", types},
    {"type", "type aliases are not supported"},
    {"catch", errors},
    {"try", errors},
    {"throw", errors},
    {"raise", errors},
    {"except", errors},
    {"import", imports},
    {"require", imports},
    {"include", imports},
    {"and", "write `&&`"},
    {"or", "write `||`"},
    {"True", "write `true`"},
    {"False", "write `false`"},
    {"switch", "use `match`"},
    {"foreach", "use `for x in …`"},
    {"lambda", "closures are written `|x| …`"},
};

}  // namespace

std::string_view hint_for_foreign_word(std::string_view word) {
    for (const auto& [foreign, hint] : words) {
        if (foreign == word) return hint;
    }
    return {};
}

}  // namespace rb::rune
