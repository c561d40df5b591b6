// The items of a compilation as a tree of scopes, and the resolution of paths in it.
//
// Everything is indexed before anything is compiled, so items may be used before their definition
// and inside blocks. Imports resolve when they are first used.

#pragma once

#include "rune/bytecode/unit_data.hpp"
#include "rune/context.hpp"
#include "rune/diagnostics.hpp"
#include "rune/syntax/items.hpp"

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace rb::rune {

enum class NodeSort : std::uint8_t {
    module,
    // A block with items.
    block,
    function,
    structure,
    enumeration,
    variant,
    constant,
    static_,
    import,
};

struct ItemNode;

// What a path names: an item of the sources, or one of the context. Neither: nothing.
struct Entity {
    ItemNode* item = nullptr;
    const NativeItem* native = nullptr;
    // Full path of `native`.
    std::string native_path = {};

    explicit operator bool() const { return item != nullptr || native != nullptr; }
    bool operator==(const Entity& other) const {
        return item == other.item && native == other.native;
    }
};

enum class Progress : std::uint8_t { untouched, running, done };

struct ItemNode {
    NodeSort sort = NodeSort::module;
    std::string_view name = {};
    // "shop::Invoice"; empty for the root.
    std::string path = {};
    ItemNode* parent = nullptr;
    // The module this stands in; a module is its own.
    ItemNode* module = nullptr;
    // Null: everywhere. Otherwise that module and what is inside it.
    ItemNode* visible_in = nullptr;
    Span span = {};
    std::unordered_map<std::string_view, ItemNode*> children = {};
    // Globs of a module or block: import nodes without a name.
    std::vector<ItemNode*> globs = {};

    // function
    FunctionItem* function = nullptr;
    // The type of an impl's functions.
    ItemNode* self_type = nullptr;
    // Number in Unit::functions once it is wanted.
    FunctionCode* code = nullptr;
    // structure, enumeration
    TypeInfo* type = nullptr;
    // structure, variant
    Shape* shape = nullptr;
    std::uint32_t shape_number = 0;
    // constant, static_
    ValueItem* value = nullptr;
    std::optional<ConstValue> constant = {};
    std::uint32_t static_number = 0;
    // import
    UseLeaf leaf = {};
    Entity target = {};
    // constant, import
    Progress progress = Progress::untouched;
};

class ItemTree {
public:
    // Loads the file of a `mod x;`: its items, or nothing when there is none (reported by the
    // caller). `directory` is where the files of the enclosing module's children lie.
    using FileLoader = std::function<std::optional<std::pair<ParsedSource, std::string>>(
        const ModuleItem& item, const std::string& directory)>;

    ItemTree(Unit& unit, DiagnosticSink& sink, FileLoader load);

    void index(std::span<Item*> items, const std::string& directory);
    // In script mode: the items of the body's blocks.
    ItemNode* index_script(FunctionItem* function);

    // What `path` names seen from `scope`; reports when it names nothing or may not be seen, unless
    // `quiet`.
    Entity resolve(const Path& path, ItemNode* scope, ItemNode* self_type, bool quiet = false);
    // Whether the first segment names an item, for patterns.
    Entity resolve_name(std::string_view name, ItemNode* scope);

    [[nodiscard]] std::deque<ItemNode>& nodes() { return nodes_; }
    [[nodiscard]] ItemNode* root() { return root_; }
    // Names visible in a scope, for hints.
    std::vector<std::string> visible_names(ItemNode* scope) const;

private:
    ItemNode* add(ItemNode* parent, NodeSort sort, Name name);
    void set_visibility(ItemNode* node, VisibilityKind visibility);
    void index_items(std::span<Item*> items, ItemNode* scope, const std::string& directory);
    void index_item(Item* item, ItemNode* scope, const std::string& directory);
    ItemNode* index_function(FunctionItem* function, ItemNode* parent, ItemNode* scope);
    void index_blocks(std::span<Block*> blocks, ItemNode* parent);
    void index_struct(StructItem* item, ItemNode* scope);
    void index_enum(EnumItem* item, ItemNode* scope);
    void index_use(UseItem* item, ItemNode* scope);
    void index_module(ModuleItem* item, ItemNode* scope, const std::string& directory);
    void attach_impls();
    TypeInfo* declare_type(ItemNode* node);
    Shape* declare_shape(ItemNode* node, const ShapeDeclaration& declaration, const TypeInfo* type);

    Entity first_segment(const Path& path, ItemNode* scope, ItemNode* self_type, std::size_t& used,
                         const ItemNode* importing);
    Entity lookup(std::string_view name, ItemNode* scope, ItemNode* from, const ItemNode* importing,
                  Span where);
    Entity in_scope(std::string_view name, ItemNode* scope, ItemNode* from,
                    const ItemNode* importing, Span where);
    bool may_visit_glob();
    Entity follow(ItemNode* node, Span where);
    Entity member(const Entity& entity, const PathSegment& segment, ItemNode* from);
    Entity resolve_path(const Path& path, ItemNode* scope, ItemNode* self_type,
                        const ItemNode* importing, bool quiet);
    Entity native(std::string path) const;
    [[nodiscard]] static bool is_visible(const ItemNode* node, const ItemNode* from);
    void report_missing(const Path& path, std::size_t segment, const Entity& before,
                        ItemNode* scope);

    Unit& unit_;
    DiagnosticSink& sink_;
    FileLoader load_;
    std::deque<ItemNode> nodes_;
    ItemNode* root_;
    struct PendingImpl {
        ImplItem* item;
        ItemNode* scope;
    };
    std::vector<PendingImpl> impls_;
    int import_depth_ = 0;
    // Globs being looked through inside each other, and how often that happened so far.
    int glob_depth_ = 0;
    int glob_uses_ = 0;
    int module_depth_ = 0;
    // While nothing shall be reported.
    bool quiet_ = false;
    // The path that is resolved, for errors found on the way.
    Span use_site_ = {};
};

// Where the standard prelude's names stand ("Some" → "::std::option::Option::Some"); empty for
// other names.
std::string_view prelude_path(std::string_view name);

}  // namespace rb::rune
