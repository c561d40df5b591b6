# Operations manual 10: PROTOC names the protoc that the build takes instead of the one on PATH. Include
# before the first find_package(Protobuf).
if(DEFINED ENV{PROTOC})
    set(Protobuf_PROTOC_EXECUTABLE "$ENV{PROTOC}" CACHE FILEPATH "The protoc of the build" FORCE)
endif()
