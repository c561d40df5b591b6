#include "rune/natives/separator.hpp"

#include "rune/natives/iterator_adapters.hpp"
#include "rune/natives/text_buffers.hpp"
#include "rune/syntax/unicode.hpp"
#include "rune/vm.hpp"
#include "rune/vm/borrows.hpp"
#include "rune/vm/iterators.hpp"
#include "rune/vm/operations.hpp"

namespace rb::rune {

Separator::Separator(Vm& vm, Value value) : value_(value) {
    if (value.tag == Tag::character) {
        append_scalar(scalar_, value.character);
    } else if (!value.is(Kind::string) && !value.is(Kind::function)) {
        mismatch(vm, "String", value);
    }
}

std::string_view Separator::text(Vm& vm) const {
    return value_.is_heap() ? vm.string_of(value_) : std::string_view(scalar_);
}

bool Separator::is_empty(Vm& vm) const {
    return !value_.is(Kind::function) && text(vm).empty();
}

std::optional<Separator::Match> Separator::find(Vm& vm, Value string, std::size_t from) const {
    if (!value_.is(Kind::function)) {
        const std::string_view sought = text(vm);
        const std::size_t at = find_text(vm, vm.string_of(string), sought, from);
        if (at == std::string_view::npos) return std::nullopt;
        return Match{at, at + sought.size()};
    }
    const ReaderGuard guard(string);
    for (std::size_t at = from; at < vm.string_of(string).size();) {
        const auto scalar = decode_scalar(vm.string_of(string), at);
        if (!scalar) break;
        if (truth(vm, call_one(vm, value_, Value::of(scalar->scalar)))) {
            return Match{at, at + scalar->length};
        }
        at += scalar->length;
    }
    return std::nullopt;
}

namespace {

class SplitIterator final : public IteratorState {
public:
    SplitIterator(Vm& vm, Value string, Value separator)
        // A string of its own: the script may change the other.
        : string_(string),
          separator_(vm, separator.is(Kind::string) ? vm.clone(separator) : separator) {}

    std::optional<Value> next(Vm& vm) override {
        if (done_) return std::nullopt;
        const std::string_view text = vm.string_of(string_);
        if (separator_.is_empty(vm)) return next_between_characters(vm, text);
        const auto match = separator_.find(vm, string_, at_);
        const std::size_t start = at_;
        if (!match) {
            done_ = true;
            return vm.make_string(vm.string_of(string_).substr(start));
        }
        at_ = match->end;
        return vm.make_string(vm.string_of(string_).substr(start, match->start - start));
    }
    std::unique_ptr<IteratorState> clone(Vm&) const override {
        return std::make_unique<SplitIterator>(*this);
    }
    Value source() const override { return string_; }
    void trace(Tracer& tracer) const override {
        tracer.visit(string_);
        separator_.trace(tracer);
    }

private:
    // An empty separator stands between all characters and at both ends.
    std::optional<Value> next_between_characters(Vm& vm, std::string_view text) {
        if (!begun_) {
            begun_ = true;
            return vm.make_string("");
        }
        const auto scalar = decode_scalar(text, at_);
        if (!scalar) {
            done_ = true;
            return vm.make_string("");
        }
        at_ += scalar->length;
        return vm.make_string(text.substr(at_ - scalar->length, scalar->length));
    }

    Value string_;
    Separator separator_;
    std::size_t at_ = 0;
    bool begun_ = false;
    bool done_ = false;
};

}  // namespace

std::unique_ptr<IteratorState> split_iterator(Vm& vm, Value string, Value separator) {
    return std::make_unique<SplitIterator>(vm, string, separator);
}

}  // namespace rb::rune
