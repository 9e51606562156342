"""The number types that our kernels name."""

class Type:
    def __call__(self, *arguments: object) -> object: ...

def CPointer(item: Type) -> Type: ...

uint8: Type
uint16: Type
int32: Type
int64: Type
uint64: Type
float32: Type
float64: Type
