// Heap: the values of one Vm. Mark and sweep, bounded and accounted; everything is freed with it.
//
// Cells of one size share a chunk; larger objects and the buffers of strings and containers come
// from malloc and count as well. A collection may run inside any allocation made during a call. Its
// roots are the interpreter's registers, statics and Roots, and every word on the native stack that
// looks like a pointer into a cell, so natives need not register their locals.

#pragma once

#include "rune/value.hpp"
#include "rune/vm/objects.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_set>
#include <vector>

namespace rb::rune {

class Root;
class RootVector;

class Heap final : private Tracer {
public:
    // Visits what the interpreter holds.
    class RootSource {
    public:
        virtual void trace_roots(Tracer& tracer) = 0;
        // After a collection that an allocation caused: the time it took may be too much. May
        // raise.
        virtual void look_at_time() = 0;

    protected:
        ~RootSource() = default;
    };

    Heap(std::size_t limit_bytes, RootSource& roots)
        : limit_(limit_bytes),
          root_source_(roots),
          collect_at_(limit_bytes < first_collection_bytes ? limit_bytes : first_collection_bytes),
          chunks_max_(limit_bytes / chunk_bytes * 2 + 2 * class_count) {}
    ~Heap();
    Heap(const Heap&) = delete;
    Heap& operator=(const Heap&) = delete;

    // A zeroed cell of at least sizeof(T) + extra bytes with its kind set. Raises `memory`.
    template <typename T>
    T* make(Kind kind, std::size_t extra_bytes = 0) {
        auto* object = static_cast<T*>(allocate(sizeof(T) + extra_bytes));
        object->kind = kind;
        return object;
    }
    // Buffers owned by an object. Raise `memory`; sizes are in bytes.
    void* grow_buffer(void* buffer, std::size_t old_bytes, std::size_t new_bytes);
    void free_buffer(void* buffer, std::size_t bytes);
    // Accounts for memory held elsewhere (native objects).
    void account(std::size_t bytes);
    void discount(std::size_t bytes);

    void collect();
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    // What the cells take, dead and empty ones included; besides buffers and large objects.
    [[nodiscard]] std::size_t chunks_bytes() const { return chunks_.size() * chunk_bytes; }

    // Collections scan the native stack from here; null outside calls, when none run by themselves.
    void set_stack_base(const void* base) { stack_base_ = base; }
    [[nodiscard]] const void* stack_base() const { return stack_base_; }

    // Bytes of the cell's content, items behind the struct included.
    static std::size_t object_bytes(const HeapObject* object);
    // Whether nothing alive holds a borrow on `object` any more: takes back the borrows of
    // iterators that no root reaches. Finds only what the native stack does not hold.
    void settle_borrows(HeapObject* object);
    // Frees what `object` owns and leaves it moved.
    void empty(HeapObject* object);

    void add_root(Root& root);
    void remove_root(Root& root);
    void add_root(RootVector& root);
    void remove_root(RootVector& root);

private:
    static constexpr std::size_t granule = 16;
    static constexpr std::size_t small_max = 256;
    static constexpr std::size_t chunk_bytes = 32UL * 1024;
    static constexpr std::size_t class_count = small_max / granule + 1;
    // A first collection earlier than this would only cost time.
    static constexpr std::size_t first_collection_bytes = 2U << 20;

    struct Chunk {
        std::uint32_t cell_bytes;
        std::uint32_t used_cells;
        [[nodiscard]] std::byte* cells() { return reinterpret_cast<std::byte*>(this) + granule; }
        [[nodiscard]] std::uint32_t capacity() const {
            return static_cast<std::uint32_t>((chunk_bytes - granule) / cell_bytes);
        }
    };
    struct FreeCell : HeapObject {
        FreeCell* next;
    };

    void* allocate(std::size_t bytes) {
        const std::size_t size_class = (bytes + granule - 1) / granule;
        if (size_class < class_count && bytes_ < collect_at_) [[likely]] {
            if (FreeCell* cell = free_[size_class]) {
                free_[size_class] = cell->next;
                bytes_ += size_class * granule;
                __builtin_memset(static_cast<void*>(cell), 0, size_class * granule);
                return cell;
            }
        }
        return allocate_slow(bytes);
    }
    void* allocate_slow(std::size_t bytes);
    FreeCell* take_free(std::size_t size_class);
    Chunk* new_chunk(std::size_t cell_bytes);
    void make_room(std::size_t bytes);
    void make_room_for_chunk();
    void visit(Value value) override { mark(value); }
    void mark(Value value) {
        if (value.is_heap()) mark_object(value.object);
    }
    void mark_object(HeapObject* object);
    void mark_children(HeapObject* object);
    void mark_exact_roots();
    void drain_marks();
    template <typename Visit>
    void each_iterator(Visit visit);
    void scan_native_stack();
    void scan_words(const void* from, const void* to);
    [[nodiscard]] HeapObject* find_cell(std::uintptr_t address) const;
    void sweep();
    bool sweep_chunk(Chunk& chunk, bool may_release);
    void release_chunk(Chunk* chunk);
    void destroy(HeapObject* object);

    std::size_t limit_;
    RootSource& root_source_;
    std::size_t bytes_ = 0;
    std::size_t collect_at_;
    // Cells of one size cannot become cells of another, so chunks may take more than the values in
    // them: at most twice the limit, and a little for each size.
    std::size_t chunks_max_;
    std::array<FreeCell*, class_count> free_{};
    std::array<Chunk*, class_count> current_{};
    std::vector<Chunk*> chunks_;
    std::unordered_set<std::uintptr_t> chunk_addresses_;
    // Objects above small_max, with their sizes in front.
    std::unordered_set<HeapObject*> large_;
    std::vector<HeapObject*> mark_stack_;
    const void* stack_base_ = nullptr;
    Root* roots_ = nullptr;
    RootVector* root_vectors_ = nullptr;
    bool collecting_ = false;
};

}  // namespace rb::rune
