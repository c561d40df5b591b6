// Random programs that always end: functions, structs, enums, closures, loops, patterns. Mostly
// they compute something; some end with a run-time error (an overflow, an index out of range).

#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace rb::rune::model {

class ProgramGenerator {
public:
    explicit ProgramGenerator(std::uint64_t seed) : random_(seed) {}

    // A module whose `pub fn main()` returns a value and prints on the way.
    std::string program();
    // An expression of the part of the language that constants may use; it calls `double`, a
    // `const fn` of the surrounding program.
    std::string constant();
    // The same tokens with other blanks between them.
    std::string respaced(std::string_view text);

private:
    std::size_t below(std::size_t bound) { return random_() % bound; }
    bool chance(std::size_t percent) { return below(100) < percent; }
    template <typename... Texts>
    std::string one_of(Texts... texts) {
        const std::string choices[] = {texts...};
        return choices[below(sizeof...(texts))];
    }
    std::string variable() { return variables_[below(variables_.size())]; }
    std::string number();
    std::string integer(int depth);
    std::string condition(int depth);
    std::string text(int depth);
    std::string state(int depth);
    std::string matching(int depth);
    std::string block(int depth);
    std::string statements(int depth);
    std::string statement(int depth);
    std::string loop(int depth);
    std::string function(std::size_t index);
    std::string fresh_name() { return "v" + std::to_string(names_++); }

    std::mt19937_64 random_;
    // Integers that may be read here.
    std::vector<std::string> variables_;
    std::size_t names_ = 0;
    // Functions that may be called: those declared before, so that calls end.
    std::size_t functions_ = 0;
    int loops_ = 0;
};

}  // namespace rb::rune::model
