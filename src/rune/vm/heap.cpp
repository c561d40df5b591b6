#include "rune/vm/heap.hpp"

#include "rune/bytecode/unit_data.hpp"
#include "rune/runtime_error.hpp"
#include "rune/vm.hpp"
#include "rune/vm/iterators.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace rb::rune {

namespace {

// In front of a large object: its size, so that sweeping can account for it.
struct LargeHeader {
    std::size_t bytes;
    std::size_t padding;
};

[[noreturn]] void raise_memory() {
    raise(ErrorKind::memory, "Memory limit of the execution reached");
}

}  // namespace

Heap::~Heap() {
    for (Chunk* chunk : chunks_) {
        for (std::size_t i = 0; i < chunk->used_cells; ++i) {
            auto* object = reinterpret_cast<HeapObject*>(chunk->cells() + i * chunk->cell_bytes);
            if (object->kind != Kind::free_cell) destroy(object);
        }
    }
    for (HeapObject* object : large_) {
        destroy(object);
        std::free(reinterpret_cast<LargeHeader*>(object) - 1);
    }
    for (Chunk* chunk : chunks_) std::free(chunk);
}

void Heap::make_room(std::size_t bytes) {
    if (bytes_ + bytes < collect_at_ && bytes_ + bytes <= limit_) return;
    if (stack_base_ != nullptr && !collecting_) {
        const std::size_t before = bytes_;
        collect();
        root_source_.look_at_time();
        // A heap that stays nearly full would be collected at every allocation.
        const bool full = bytes_ + bytes > limit_ - limit_ / 8;
        if (full && before - bytes_ < limit_ / 16) raise_memory();
    }
    if (bytes > limit_ || bytes_ + bytes > limit_) raise_memory();
    if (stack_base_ == nullptr) {
        collect_at_ = std::min(limit_, std::max(collect_at_, bytes_ + bytes * 2));
    }
}

void* Heap::allocate_slow(std::size_t bytes) {
    make_room(bytes);
    const std::size_t size_class = (bytes + granule - 1) / granule;
    if (size_class >= class_count) {
        auto* header = static_cast<LargeHeader*>(std::calloc(1, sizeof(LargeHeader) + bytes));
        if (header == nullptr) raise_memory();
        header->bytes = bytes;
        auto* object = reinterpret_cast<HeapObject*>(header + 1);
        large_.insert(object);
        bytes_ += bytes;
        return object;
    }
    const std::size_t cell_bytes = size_class * granule;
    void* cell = take_free(size_class);
    if (cell == nullptr) {
        const Chunk* current = current_[size_class];
        if (current == nullptr || current->used_cells == current->capacity()) {
            make_room_for_chunk();
            cell = take_free(size_class);
            if (cell == nullptr) current_[size_class] = new_chunk(cell_bytes);
        }
    }
    if (cell == nullptr) {
        Chunk& chunk = *current_[size_class];
        cell = chunk.cells() + chunk.used_cells++ * cell_bytes;
    }
    bytes_ += cell_bytes;
    std::memset(cell, 0, cell_bytes);
    return cell;
}

Heap::FreeCell* Heap::take_free(std::size_t size_class) {
    FreeCell* cell = free_[size_class];
    if (cell != nullptr) free_[size_class] = cell->next;
    return cell;
}

Heap::Chunk* Heap::new_chunk(std::size_t cell_bytes) {
    auto* chunk = static_cast<Chunk*>(std::aligned_alloc(chunk_bytes, chunk_bytes));
    if (chunk == nullptr) raise_memory();
    chunk->cell_bytes = static_cast<std::uint32_t>(cell_bytes);
    chunk->used_cells = 0;
    chunks_.push_back(chunk);
    chunk_addresses_.insert(reinterpret_cast<std::uintptr_t>(chunk));
    return chunk;
}

void Heap::make_room_for_chunk() {
    if (chunks_.size() < chunks_max_) return;
    if (stack_base_ != nullptr && !collecting_) {
        collect();
        root_source_.look_at_time();
    }
    // With so few given back, the next collection would come at once.
    if (chunks_.size() > chunks_max_ - chunks_max_ / 16) raise_memory();
}

void* Heap::grow_buffer(void* buffer, std::size_t old_bytes, std::size_t new_bytes) {
    if (new_bytes > old_bytes) make_room(new_bytes - old_bytes);
    void* grown = std::realloc(buffer, new_bytes);
    if (grown == nullptr) raise_memory();
    bytes_ += new_bytes - old_bytes;
    return grown;
}

void Heap::free_buffer(void* buffer, std::size_t bytes) {
    std::free(buffer);
    bytes_ -= bytes;
}

void Heap::account(std::size_t bytes) {
    make_room(bytes);
    bytes_ += bytes;
}

void Heap::discount(std::size_t bytes) {
    bytes_ -= bytes;
}

void Heap::destroy(HeapObject* object) {
    switch (object->kind) {
        case Kind::string:
        case Kind::bytes: {
            auto* string = static_cast<StringObject*>(object);
            if (string->capacity > 0) free_buffer(string->data, string->capacity);
            break;
        }
        case Kind::vec: {
            auto* vec = static_cast<VecObject*>(object);
            if (vec->capacity > 0) free_buffer(vec->items, vec->capacity * sizeof(Value));
            break;
        }
        case Kind::object: {
            auto* table = static_cast<TableObject*>(object);
            if (table->entries != nullptr) {
                free_buffer(table->entries, table->capacity * sizeof(TableEntry));
            }
            if (table->index != nullptr) {
                free_buffer(table->index, (table->index_mask + 1ULL) * sizeof(std::uint32_t));
            }
            break;
        }
        case Kind::iterator:
            delete static_cast<IteratorObject*>(object)->state;
            break;
        case Kind::generator:
        case Kind::future: {
            auto* coroutine = static_cast<CoroutineObject*>(object);
            if (coroutine->registers != nullptr) {
                free_buffer(coroutine->registers, coroutine->code->registers * sizeof(Value));
            }
            delete coroutine->native;
            break;
        }
        case Kind::native:
            delete static_cast<NativeHolder*>(object)->object;
            bytes_ -= static_cast<NativeHolder*>(object)->bytes;
            break;
        default:
            break;
    }
}

std::size_t Heap::object_bytes(const HeapObject* object) {
    switch (object->kind) {
        case Kind::string:
        case Kind::bytes:
            return sizeof(StringObject);
        case Kind::vec:
            return sizeof(VecObject);
        case Kind::tuple:
            return sizeof(TupleObject) +
                   static_cast<const TupleObject*>(object)->length * sizeof(Value);
        case Kind::object:
            return sizeof(TableObject);
        case Kind::structure:
            return sizeof(StructObject) +
                   static_cast<const StructObject*>(object)->shape->fields.size() * sizeof(Value);
        case Kind::variant:
            return sizeof(VariantObject);
        case Kind::function:
            return sizeof(FunctionObject) +
                   static_cast<const FunctionObject*>(object)->capture_count * sizeof(Value);
        case Kind::range:
            return sizeof(RangeObject);
        case Kind::iterator:
            return sizeof(IteratorObject);
        case Kind::generator:
        case Kind::future:
            return sizeof(CoroutineObject);
        case Kind::native:
            return sizeof(NativeHolder);
        default:
            return sizeof(HeapObject);
    }
}

void Heap::empty(HeapObject* object) {
    if (object->kind == Kind::iterator) end_borrow(*static_cast<IteratorObject*>(object));
    destroy(object);
    object->kind = Kind::moved;
}

void Heap::mark_object(HeapObject* object) {
    if (object->mark != 0 || object->immortal != 0) return;
    object->mark = 1;
    mark_stack_.push_back(object);
}

void Heap::mark_children(HeapObject* object) {
    const auto mark_all = [this](std::span<const Value> values) {
        for (const Value value : values) mark(value);
    };
    switch (object->kind) {
        case Kind::vec:
            mark_all(static_cast<VecObject*>(object)->span());
            break;
        case Kind::tuple:
            mark_all(static_cast<TupleObject*>(object)->span());
            break;
        case Kind::object: {
            const auto* table = static_cast<TableObject*>(object);
            for (std::uint32_t i = 0; i < table->used; ++i) {
                if (table->entries[i].key == nullptr) continue;
                mark_object(table->entries[i].key);
                mark(table->entries[i].value);
            }
            break;
        }
        case Kind::structure: {
            const auto* structure = static_cast<StructObject*>(object);
            mark_all({structure->fields(), structure->shape->fields.size()});
            break;
        }
        case Kind::variant:
            mark(static_cast<VariantObject*>(object)->payload);
            break;
        case Kind::function: {
            const auto* function = static_cast<FunctionObject*>(object);
            mark_all({function->captures(), function->capture_count});
            break;
        }
        case Kind::range:
            mark(static_cast<RangeObject*>(object)->start);
            mark(static_cast<RangeObject*>(object)->end);
            break;
        case Kind::iterator: {
            const auto* iterator = static_cast<IteratorObject*>(object);
            mark(iterator->source);
            if (iterator->state != nullptr) iterator->state->trace(*this);
            break;
        }
        case Kind::generator:
        case Kind::future: {
            const auto* coroutine = static_cast<CoroutineObject*>(object);
            if (coroutine->registers != nullptr) {
                mark_all({coroutine->registers, coroutine->code->registers});
            }
            if (coroutine->native != nullptr) coroutine->native->trace(*this);
            break;
        }
        case Kind::native:
            if (static_cast<NativeHolder*>(object)->object != nullptr) {
                static_cast<NativeHolder*>(object)->object->trace(*this);
            }
            break;
        default:
            break;
    }
}

HeapObject* Heap::find_cell(std::uintptr_t address) const {
    const std::uintptr_t base = address & ~(chunk_bytes - 1);
    if (chunk_addresses_.contains(base)) {
        auto* chunk = reinterpret_cast<Chunk*>(base);
        if (address < base + granule) return nullptr;
        const std::uintptr_t index = (address - base - granule) / chunk->cell_bytes;
        if (index >= chunk->used_cells) return nullptr;
        auto* object = reinterpret_cast<HeapObject*>(chunk->cells() + index * chunk->cell_bytes);
        return object->kind == Kind::free_cell ? nullptr : object;
    }
    auto* exact = reinterpret_cast<HeapObject*>(address);
    return large_.contains(exact) ? exact : nullptr;
}

__attribute__((no_sanitize("address", "thread"), noinline)) void Heap::scan_words(const void* from,
                                                                                  const void* to) {
    auto at = reinterpret_cast<std::uintptr_t>(from) & ~(sizeof(std::uintptr_t) - 1);
    const auto end = reinterpret_cast<std::uintptr_t>(to);
    for (; at < end; at += sizeof(std::uintptr_t)) {
        const std::uintptr_t word = *reinterpret_cast<const std::uintptr_t*>(at);
        if (HeapObject* object = find_cell(word)) mark_object(object);
    }
}

void Heap::scan_native_stack() {
    // Spills the callee-saved registers into this frame, which the scan covers.
    __builtin_unwind_init();
    scan_words(__builtin_frame_address(0), stack_base_);
}

void Heap::mark_exact_roots() {
    root_source_.trace_roots(*this);
    for (Root* root = roots_; root != nullptr; root = root->next_) mark(root->value_);
    for (RootVector* root = root_vectors_; root != nullptr; root = root->next_) {
        for (const Value value : root->values) mark(value);
    }
}

// An explicit stack: values may nest deeper than the native stack could follow.
void Heap::drain_marks() {
    while (!mark_stack_.empty()) {
        HeapObject* object = mark_stack_.back();
        mark_stack_.pop_back();
        mark_children(object);
    }
}

template <typename Visit>
void Heap::each_iterator(Visit visit) {
    constexpr std::size_t cell_bytes = (sizeof(IteratorObject) + granule - 1) / granule * granule;
    for (Chunk* chunk : chunks_) {
        if (chunk->cell_bytes != cell_bytes) continue;
        for (std::size_t i = 0; i < chunk->used_cells; ++i) {
            auto* object = reinterpret_cast<HeapObject*>(chunk->cells() + i * cell_bytes);
            if (object->kind == Kind::iterator) visit(*static_cast<IteratorObject*>(object));
        }
    }
}

void Heap::settle_borrows(HeapObject* object) {
    if (collecting_) return;
    collecting_ = true;
    mark_exact_roots();
    drain_marks();
    each_iterator([&](IteratorObject& iterator) {
        if (iterator.mark == 0 && iterator.borrows && borrowed_source(iterator) == object) {
            end_borrow(iterator);
        }
    });
    for (Chunk* chunk : chunks_) {
        for (std::size_t i = 0; i < chunk->used_cells; ++i) {
            reinterpret_cast<HeapObject*>(chunk->cells() + i * chunk->cell_bytes)->mark = 0;
        }
    }
    for (HeapObject* large : large_) large->mark = 0;
    collecting_ = false;
}

void Heap::collect() {
    if (collecting_) return;
    collecting_ = true;
    mark_exact_roots();
    if (stack_base_ != nullptr) scan_native_stack();
    drain_marks();
    // Iterators that die give back their borrows while their sources are still there.
    each_iterator([](IteratorObject& iterator) {
        if (iterator.mark == 0) end_borrow(iterator);
    });
    sweep();
    collecting_ = false;
    collect_at_ = std::min(limit_, std::max(first_collection_bytes, bytes_ * 2));
}

// Whether nothing in the chunk is alive and it may be released; otherwise what is dead in it is
// free for new values.
bool Heap::sweep_chunk(Chunk& chunk, bool may_release) {
    FreeCell*& free = free_[chunk.cell_bytes / granule];
    FreeCell* const before = free;
    bool alive = false;
    for (std::size_t i = 0; i < chunk.used_cells; ++i) {
        auto* object = reinterpret_cast<HeapObject*>(chunk.cells() + i * chunk.cell_bytes);
        if (object->mark != 0) {
            object->mark = 0;
            alive = true;
            continue;
        }
        if (object->kind != Kind::free_cell) {
            destroy(object);
            object->kind = Kind::free_cell;
            bytes_ -= chunk.cell_bytes;
        }
        auto* cell = static_cast<FreeCell*>(object);
        cell->next = free;
        free = cell;
    }
    if (alive || !may_release) return false;
    free = before;
    return true;
}

void Heap::release_chunk(Chunk* chunk) {
    Chunk*& current = current_[chunk->cell_bytes / granule];
    if (current == chunk) current = nullptr;
    chunk_addresses_.erase(reinterpret_cast<std::uintptr_t>(chunk));
    std::free(chunk);
}

void Heap::sweep() {
    free_.fill(nullptr);
    // Some empty ones are kept, the first: most programs want the same sizes again.
    const std::size_t spare = std::min(first_collection_bytes, limit_) / chunk_bytes;
    std::size_t kept = 0;
    std::erase_if(chunks_, [&](Chunk* chunk) {
        const bool released = sweep_chunk(*chunk, kept >= spare);
        if (released) release_chunk(chunk);
        kept += released ? 0 : 1;
        return released;
    });
    for (auto it = large_.begin(); it != large_.end();) {
        HeapObject* object = *it;
        if (object->mark != 0) {
            object->mark = 0;
            ++it;
            continue;
        }
        destroy(object);
        auto* header = reinterpret_cast<LargeHeader*>(object) - 1;
        bytes_ -= header->bytes;
        std::free(header);
        it = large_.erase(it);
    }
}

void Heap::add_root(Root& root) {
    root.next_ = roots_;
    if (roots_ != nullptr) roots_->previous_ = &root;
    roots_ = &root;
}

void Heap::remove_root(Root& root) {
    if (root.previous_ != nullptr) root.previous_->next_ = root.next_;
    if (root.next_ != nullptr) root.next_->previous_ = root.previous_;
    if (roots_ == &root) roots_ = root.next_;
}

void Heap::add_root(RootVector& root) {
    root.next_ = root_vectors_;
    if (root_vectors_ != nullptr) root_vectors_->previous_ = &root;
    root_vectors_ = &root;
}

void Heap::remove_root(RootVector& root) {
    if (root.previous_ != nullptr) root.previous_->next_ = root.next_;
    if (root.next_ != nullptr) root.next_->previous_ = root.previous_;
    if (root_vectors_ == &root) root_vectors_ = root.next_;
}

}  // namespace rb::rune
