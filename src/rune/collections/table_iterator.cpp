#include "rune/collections/table_iterator.hpp"

#include "rune/vm/iterators.hpp"

namespace rb::rune {
namespace {

class TableIterator final : public IteratorState {
public:
    TableIterator(Value owner, const HashTable& table, EntryPart part)
        : owner_(owner), table_(&table), part_(part) {}

    std::optional<Value> next(Vm& vm) override {
        require_owner(vm);
        // Positions move when a map that nothing borrows is changed; they never leave the table.
        while (at_ < table_->used() && !table_->entry(at_).is_live()) ++at_;
        if (at_ >= table_->used()) return std::nullopt;
        const HashTable::Entry entry = table_->entry(at_++);
        ++yielded_;
        if (part_ == EntryPart::key) return entry.key;
        if (part_ == EntryPart::value) return entry.value;
        const Value pair[] = {entry.key, entry.value};
        return vm.make_tuple(pair);
    }

    [[nodiscard]] std::optional<std::uint64_t> remaining(Vm& vm) const override {
        require_owner(vm);
        return table_->size() > yielded_ ? table_->size() - yielded_ : 0;
    }

    [[nodiscard]] std::unique_ptr<IteratorState> clone(Vm& vm) const override {
        (void)vm;
        return std::make_unique<TableIterator>(*this);
    }

    void trace(Tracer& tracer) const override { tracer.visit(owner_); }
    [[nodiscard]] Value source() const override { return owner_; }

private:
    // The table dies with its owner's content; asking the type of a moved value raises.
    void require_owner(Vm& vm) const {
        if (!owner_.is(Kind::native)) (void)vm.type_of(owner_);
    }

    Value owner_;
    const HashTable* table_;
    EntryPart part_;
    std::uint32_t at_ = 0;
    std::uint32_t yielded_ = 0;
};

}  // namespace

Value iterate_table(Vm& vm, Value owner, const HashTable& table, EntryPart part) {
    return make_iterator(vm, std::make_unique<TableIterator>(owner, table, part));
}

}  // namespace rb::rune
