// The syntax tree of items: what a module declares.

#pragma once

#include "rune/shape.hpp"
#include "rune/syntax/ast.hpp"

#include <cstdint>
#include <span>

namespace rb::rune {

enum class ItemKind : std::uint8_t {
    function,
    structure,
    enumeration,
    impl,
    constant,
    static_,
    module,
    use,
};

enum class VisibilityKind : std::uint8_t { inherited, pub, crate, super, self };

struct Item {
    ItemKind kind;
    VisibilityKind visibility;
    Span span;
    Name name;
};

struct FunctionItem : Item {
    FunctionBody* function;
    // The first parameter is `self`.
    bool has_self;
    bool is_const;
    bool is_test;
    // Blocks with items anywhere in the body.
    std::span<Block*> item_blocks;
};

struct ShapeDeclaration {
    Name name;
    ShapeKind kind;
    // Of tuple shapes the texts are empty.
    std::span<Name> fields;
};

struct StructItem : Item {
    ShapeDeclaration shape;
};

struct EnumItem : Item {
    std::span<ShapeDeclaration> variants;
};

struct ImplItem : Item {
    Path* target;
    std::span<FunctionItem*> functions;
};

// constant, static_ (value may be null)
struct ValueItem : Item {
    Expr* value;
    std::span<Block*> item_blocks;
};

struct ModuleItem : Item {
    // Of `mod x;` filled in when the file is loaded.
    std::span<Item*> items;
    bool is_file;
};

// One leaf of a use tree: `use a::b as c` or `use a::*`.
struct UseLeaf {
    Path* path;
    // Empty for globs and `as _`.
    Name alias;
    bool glob;
};

struct UseItem : Item {
    std::span<UseLeaf> leaves;
};

// What the parser makes of one source.
struct ParsedSource {
    std::span<Item*> items;
    // In script mode: the body of `main`.
    FunctionItem* script = nullptr;
};

}  // namespace rb::rune
