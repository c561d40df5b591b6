// The keys of one literal, pattern or declaration, to find one that stands twice. A few are
// compared one by one; many are hashed, for a source may hold a hundred thousand.

#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace rb::rune {

class KeySet {
public:
    // Whether it was not there before.
    bool insert(std::string_view key) {
        if (many_.empty() && few_.size() < few_max) {
            if (std::find(few_.begin(), few_.end(), key) != few_.end()) return false;
            few_.push_back(key);
            return true;
        }
        if (many_.empty()) many_.insert(few_.begin(), few_.end());
        return many_.insert(key).second;
    }

private:
    static constexpr std::size_t few_max = 16;

    std::vector<std::string_view> few_;
    std::unordered_set<std::string_view> many_;
};

}  // namespace rb::rune
