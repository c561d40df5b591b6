#include "rune/compiler/const_sharing.hpp"

namespace rb::rune {

ConstValue& seen(ConstValue& value) {
    auto* shared = std::get_if<ConstValue::Shared>(&value.value);
    return shared == nullptr ? value : *shared->target;
}

bool is_shareable(const ConstValue& value) {
    return std::holds_alternative<std::string>(value.value) ||
           std::holds_alternative<ConstValue::Bytes>(value.value) ||
           std::holds_alternative<ConstValue::Tuple>(value.value) ||
           std::holds_alternative<ConstValue::Vec>(value.value) ||
           std::holds_alternative<ConstValue::Object>(value.value);
}

ConstValue copy_of(const ConstValue& value) {
    if (const auto* shared = std::get_if<ConstValue::Shared>(&value.value)) {
        return copy_of(*shared->target);
    }
    ConstValue copy = value;
    if (auto* tuple = std::get_if<ConstValue::Tuple>(&copy.value)) {
        for (auto& item : tuple->items) item = copy_of(item);
    } else if (auto* vec = std::get_if<ConstValue::Vec>(&copy.value)) {
        for (auto& item : vec->items) item = copy_of(item);
    } else if (auto* object = std::get_if<ConstValue::Object>(&copy.value)) {
        for (auto& field : object->fields) field.second = copy_of(field.second);
    }
    return copy;
}

}  // namespace rb::rune
