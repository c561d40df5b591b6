// Borrows held by C++ code: what it walks must not be changed or taken by the scripts it calls.

#pragma once

#include "rune/runtime_error.hpp"
#include "rune/value.hpp"

namespace rb::rune {

// Holds the exclusive borrow of an object.
class WriterGuard {
public:
    // Raises `access` when anybody else holds one.
    explicit WriterGuard(HeapObject& object) : object_(object) {
        if (object.borrow != 0) {
            raise(ErrorKind::access,
                  "Cannot write, value has snapshot X-000000 and is not available for writing");
        }
        object.borrow = -1;
    }
    ~WriterGuard() { object_.borrow = 0; }
    WriterGuard(const WriterGuard&) = delete;
    WriterGuard& operator=(const WriterGuard&) = delete;

private:
    HeapObject& object_;
};

// Holds a read borrow of a value; inline values need none.
class ReaderGuard {
public:
    // Raises `access` while the value is exclusively held.
    explicit ReaderGuard(Value value) : object_(value.is_heap() ? value.object : nullptr) {
        if (object_ == nullptr) return;
        if (object_->borrow < 0) {
            raise(ErrorKind::access,
                  "Cannot read, value has snapshot X-000000 and is not available for reading");
        }
        ++object_->borrow;
    }
    ~ReaderGuard() {
        if (object_ != nullptr) --object_->borrow;
    }
    ReaderGuard(const ReaderGuard&) = delete;
    ReaderGuard& operator=(const ReaderGuard&) = delete;

private:
    HeapObject* object_;
};

}  // namespace rb::rune
